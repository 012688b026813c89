"""What a relay changes in an RTSP conversation between a player and a device. Pure: bytes in, bytes out.

The player knows neither the password nor where the device is. Logins are answered here, a refused password once only;
redirects become "not found"; and of the transports a device offers nothing is left that names another host.
"""

import os
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace

from data.looks import Credential
from video.address import Address
from video.auth import Challenge, authorization, best_challenge
from video.errors import BadReply
from video.reply import MOST_HEADER, Reply, read_reply

_DOLLAR = 0x24
_FRAME = 4
# What a player needs of a Transport header; "source", "destination" and "multicast" would send it elsewhere.
_TRANSPORT = ("unicast", "interleaved", "client_port", "server_port", "ssrc", "mode")
_KEPT_BACK = {"www-authenticate", "location", "content-length", "cseq", "transport"}


@dataclass(frozen=True, slots=True)
class _Request:
    """A request of the player: `lines` are its headers without CSeq, `sequence` is the player's number."""

    method: str
    uri: str
    lines: tuple[str, ...]
    sequence: str
    proven_by: Challenge | None = None


class Passing:
    """One conversation: the player speaks to `here`, the device behind `peer` hears its own address."""

    def __init__(self, address: Address, credential: Credential | None, *, here: str, peer: str) -> None:
        self._credential = credential
        self._here = here
        self._there = address.uri.removesuffix(path_of(address))
        self._peer = peer
        self._asked: deque[_Request] = deque()
        self._sequence = 0
        self._challenge: Challenge | None = None
        self._uses = 0
        self._accepted = self._refused = self._answered_stale = False
        self._of_player = self._of_device = b""
        self.brought_media = False

    def from_player(self, data: bytes) -> bytes:
        """Return what goes to the device after more came from the player."""
        self._of_player += data
        out = bytearray()
        while used := _request_length(self._of_player):
            message, self._of_player = self._of_player[:used], self._of_player[used:]
            out += message if message[0] == _DOLLAR else self._send(_request_of(message, self._here, self._there))
        return bytes(out)

    def from_device(self, data: bytes) -> tuple[bytes, bytes]:
        """Return what goes to the player and what goes back to the device; raise BadReply for what is no RTSP."""
        self._of_device += data
        to_player, to_device = bytearray(), bytearray()
        while self._of_device:
            if self._of_device[0] == _DOLLAR:
                whole = _whole_frames(self._of_device)
                frames, self._of_device = self._of_device[:whole], self._of_device[whole:]
                to_player += frames
                if not whole:
                    break
                self.brought_media = self.brought_media or _holds_media(frames)
            elif not self._asked:
                # Nothing was asked, so this is no answer: junk between the frames of a stream.
                self._of_device = self._of_device[self._of_device.find(b"$") :] if b"$" in self._of_device else b""
            elif found := read_reply(self._of_device):
                self._of_device = self._of_device[found[1] :]
                answer, again = self._take(found[0])
                to_player += answer
                to_device += again
            else:
                break
        return bytes(to_player), bytes(to_device)

    def _take(self, reply: Reply) -> tuple[bytes, bytes]:
        if reply.status < 200:
            return b"", b""
        request = self._asked.popleft()
        if reply.status == 401 and (challenge := self._may_prove(request, reply)):
            self._challenge, self._uses, self._accepted = challenge, 0, False
            return b"", self._send(request)
        self._accepted = self._accepted or (request.proven_by is not None and reply.status < 300)
        return self._told(reply, request), b""

    def _may_prove(self, request: _Request, reply: Reply) -> Challenge | None:
        """Return the challenge to answer, None when there is none or the password was refused."""
        challenge = best_challenge(reply.headers.get("www-authenticate", ""))
        before = request.proven_by
        if challenge is None or self._credential is None or self._refused:
            return None
        fresh = before is None or challenge.nonce != before.nonce
        first = before is None and (self._challenge is None or self._accepted)
        if fresh and (first or self._accepted):
            return challenge
        if fresh and challenge.stale and not self._answered_stale:
            self._answered_stale = True
            return challenge
        self._refused = True
        return None

    def _send(self, request: _Request) -> bytes:
        self._sequence += 1
        lines = [f"{request.method} {request.uri} RTSP/1.0", f"CSeq: {self._sequence}", *request.lines]
        proven_by = None if self._refused else self._challenge
        if proven_by and self._credential:
            self._uses += 1
            proof = authorization(
                proven_by,
                self._credential,
                method=request.method,
                uri=request.uri,
                cnonce=os.urandom(8).hex(),
                count=self._uses,
            )
            lines.append(f"Authorization: {proof}")
        self._asked.append(replace(request, proven_by=proven_by))
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")

    def _told(self, reply: Reply, request: _Request) -> bytes:
        body = reply.body.encode()
        status = 404 if 300 <= reply.status < 400 else reply.status
        lines = [f"RTSP/1.0 {status} {reply.reason or 'as it says'}", f"CSeq: {request.sequence}"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items() if name not in _KEPT_BACK]
        lines += [f"Transport: {_transport(reply.headers, self._peer)}"] if "transport" in reply.headers else []
        lines += [f"Content-Length: {len(body)}"] if body else []
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace") + body


def path_of(address: Address) -> str:
    """Return path and query of an address, "" when it has none."""
    _, _, rest = address.uri.partition("://")
    return rest[min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest)) :]


def _transport(headers: Mapping[str, str], peer: str) -> str:
    kind, *more = headers["transport"].partition(",")[0].split(";")
    kept = [one.strip() for one in more if one.partition("=")[0].strip().lower() in _TRANSPORT]
    # Without it the player would send its first datagrams to the relay.
    told = [f"source={peer}"] if any(one.lower().startswith("server_port") for one in kept) else []
    return ";".join((kind.strip(), *kept, *told))


def _request_of(message: bytes, here: str, there: str) -> _Request:
    first, *lines = message.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, _, rest = first.partition(" ")
    uri = rest.rpartition(" ")[0]
    if uri.startswith(here):
        uri = there + uri[len(here) :]
    numbers = [line for line in lines if line.lower().startswith("cseq:")]
    others = tuple(line for line in lines if not line.lower().startswith(("cseq:", "authorization:")))
    return _Request(method, uri, others, numbers[0].partition(":")[2].strip() if numbers else "0")


def _whole_frames(data: bytes) -> int:
    """Return the length of the whole frames at the beginning of `data`, which begins with one."""
    at = 0
    while len(data) >= at + _FRAME and data[at] == _DOLLAR:
        ends = at + _FRAME + int.from_bytes(data[at + 2 : at + 4], "big")
        if ends > len(data):
            break
        at = ends
    return at


def _holds_media(frames: bytes) -> bool:
    """Say whether any of these whole frames is media: control reports (RTCP) travel on odd channels."""
    at = 0
    while at < len(frames):
        if frames[at + 1] % 2 == 0:
            return True
        at += _FRAME + int.from_bytes(frames[at + 2 : at + 4], "big")
    return False


def _request_length(data: bytes) -> int:
    """Return the length of the first whole message in `data`, 0 while there is none."""
    if data[:1] == b"$":
        length = _FRAME + int.from_bytes(data[2:4], "big")
        return length if len(data) >= max(_FRAME, length) else 0
    if len(data) > MOST_HEADER and b"\r\n\r\n" not in data:
        raise BadReply("the player says too much")
    return data.find(b"\r\n\r\n") + 4 if b"\r\n\r\n" in data else 0
