"""A login that FFmpeg does not know: Digest with SHA-256, answered for it by a relay inside the decoder process.

FFmpeg opens the relay on the loopback without credentials. The relay asks the device for its challenge, then passes
requests on with an Authorization of their own, and whatever comes back as it is.
"""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator

from data.types import Credential
from video.address import Address
from video.auth import Challenge, authorization, best_challenge
from video.errors import AuthRefused, BadReply
from video.reply import MOST_HEADER, read_reply

_DOLLAR = 0x24


@contextlib.contextmanager
def sha256_relay(address: Address, credential: Credential, *, within_s: float) -> Iterator[str]:
    """Yield the address at which FFmpeg can open the stream without a login.

    Raises AuthRefused when the device asks for anything but SHA-256: FFmpeg has then tried the password itself.
    """
    with (
        socket.create_connection((address.host, address.port), within_s) as device,
        socket.create_server(("127.0.0.1", 0), backlog=1) as listener,
    ):
        challenge = _challenge(device, address)
        if challenge is None or challenge.algorithm != "SHA-256" or address.secure:
            raise AuthRefused("the user or password is wrong")
        listener.settimeout(within_s)
        here = f"rtsp://127.0.0.1:{listener.getsockname()[1]}"
        passing = _Passing(device, here, address, challenge, credential)
        thread = threading.Thread(target=passing.run, args=(listener,), daemon=True)
        thread.start()
        try:
            yield here + _path(address)
        finally:
            passing.stop()
            thread.join(within_s)


class _Passing:
    """One FFmpeg connection passed on to one device connection."""

    def __init__(
        self, device: socket.socket, here: str, address: Address, challenge: Challenge, credential: Credential
    ) -> None:
        self._device = device
        self._here = here.encode()
        self._there = address.uri.removesuffix(_path(address)).encode()
        self._challenge = challenge
        self._credential = credential
        self._uses = 0

    def run(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            player, _ = listener.accept()
            with player:
                back = threading.Thread(target=self._pass_back, args=(player,), daemon=True)
                back.start()
                self._pass_on(player)
                self.stop()
                back.join()

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._device.shutdown(socket.SHUT_RDWR)

    def _pass_back(self, player: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := self._device.recv(65_536):
                player.sendall(data)
            player.shutdown(socket.SHUT_RDWR)

    def _pass_on(self, player: socket.socket) -> None:
        waiting = b""
        with contextlib.suppress(OSError):
            while data := player.recv(65_536):
                waiting += data
                while used := _message_length(waiting):
                    message, waiting = waiting[:used], waiting[used:]
                    self._device.sendall(message if message[0] == _DOLLAR else self._signed(message))

    def _signed(self, request: bytes) -> bytes:
        line, _, rest = request.partition(b"\r\n")
        method, _, rest_of_line = line.partition(b" ")
        uri, _, version = rest_of_line.rpartition(b" ")
        if uri.startswith(self._here):
            uri = self._there + uri[len(self._here) :]
        self._uses += 1
        proof = authorization(
            self._challenge,
            self._credential,
            method=method.decode("latin-1"),
            uri=uri.decode("latin-1"),
            cnonce=os.urandom(8).hex(),
            count=self._uses,
        )
        return b"%b %b %b\r\nAuthorization: %b\r\n%b" % (method, uri, version, proof.encode(), rest)


def _challenge(device: socket.socket, address: Address) -> Challenge | None:
    device.sendall(f"DESCRIBE {address.uri} RTSP/1.0\r\nCSeq: 0\r\nUser-Agent: sharpeyes\r\n\r\n".encode())
    data = b""
    while (found := read_reply(data)) is None:
        chunk = device.recv(4096)
        if not chunk or len(data) > MOST_HEADER:
            raise BadReply("it closed the connection without an answer")
        data += chunk
    return best_challenge(found[0].headers.get("www-authenticate", ""))


def _message_length(data: bytes) -> int:
    """Return the length of the first whole message in `data`, 0 while there is none."""
    if data[:1] == b"$":
        length = 4 + int.from_bytes(data[2:4], "big")
        return length if len(data) >= max(4, length) else 0
    return data.find(b"\r\n\r\n") + 4 if b"\r\n\r\n" in data else 0


def _path(address: Address) -> str:
    _, _, rest = address.uri.partition("://")
    return rest[min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest)) :]
