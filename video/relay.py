"""A relay inside the decoder process: FFmpeg opens it on the loopback, and it alone is connected to the device.

So a stream is read from the one address that was checked, whatever the device redirects to; FFmpeg never holds a
password; and Digest with SHA-256, which it does not know, is answered for it.
"""

import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic

from data.looks import Credential
from video.address import Address
from video.errors import CameraError
from video.passing import Passing, path_of

_CHUNK = 65_536


@dataclass(slots=True)
class Relay:
    """Where FFmpeg finds the stream, whether any of it came by, and what the device did wrong, if it did.

    Datagrams go past the relay: of a stream over UDP it knows nothing.
    """

    url: str
    brought_media: bool = field(default=False)
    trouble: CameraError | None = field(default=None)


@contextlib.contextmanager
def relay(address: Address, credential: Credential | None, *, peer: str, within_s: float) -> Iterator[Relay]:
    """Yield the relay to the device at `peer`; raises OSError when the device cannot be reached.

    The conversation is over when its time is, whatever the device still sends or does not.
    """
    until = monotonic() + within_s
    with (
        _connected(address, peer, within_s) as device,
        socket.create_server(("127.0.0.1", 0), backlog=1) as listener,
    ):
        listener.settimeout(within_s)
        here = f"rtsp://127.0.0.1:{listener.getsockname()[1]}"
        open_ = Relay(here + path_of(address))
        passing = Passing(address, credential, here=here, peer=peer)
        thread = threading.Thread(target=_run, args=(listener, device, passing, open_, until), daemon=True)
        thread.start()
        try:
            yield open_
        finally:
            with contextlib.suppress(OSError):
                device.shutdown(socket.SHUT_RDWR)
            thread.join(within_s)


def _connected(address: Address, peer: str, within_s: float) -> socket.socket:
    device = socket.create_connection((peer, address.port), within_s)
    if not address.secure:
        return device
    try:
        return trusting_context().wrap_socket(device)
    except OSError:
        device.close()
        raise


def _run(listener: socket.socket, device: socket.socket, passing: Passing, told: Relay, until: float) -> None:
    with contextlib.suppress(OSError):
        player, _ = listener.accept()
        with player:
            try:
                _pass(player, device, passing, told, until)
            except CameraError as error:
                told.trouble = error


def _pass(player: socket.socket, device: socket.socket, passing: Passing, told: Relay, until: float) -> None:
    """Pass on until one side has gone or the time is over. In one thread: a TLS connection is not to be used by two."""
    while (left_s := until - monotonic()) > 0:
        # A TLS connection may hold bytes that its socket no longer shows.
        held = isinstance(device, ssl.SSLSocket) and device.pending() > 0
        ready = [device] if held else select.select([player, device], [], [], left_s)[0]
        for side in ready:
            data = side.recv(_CHUNK)
            if not data:
                return
            if side is player:
                device.sendall(passing.from_player(data))
            else:
                to_player, to_device = passing.from_device(data)
                told.brought_media = passing.brought_media
                player.sendall(to_player)
                device.sendall(to_device)


def trusting_context() -> ssl.SSLContext:
    """Return a TLS context that takes any certificate: cameras sign their own, so it hides and proves nothing more."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
