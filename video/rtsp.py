"""The cheap look at a camera: DESCRIBE, and OPTIONS before it where asked, over one TCP connection, then away.

One Handshake is one connection. It is its own asyncio protocol, driven by the replies, with a single future for the
caller: at a few thousand looks per second every task, stream object and URL parser would show.
"""

import asyncio
import errno
import os
import socket
import ssl
from time import monotonic
from typing import cast

from data.looks import Credential
from data.types import Layer
from video.address import Address
from video.auth import Challenge, authorization, best_challenge
from video.errors import (
    AuthLocked,
    AuthRefused,
    BadReply,
    CameraError,
    NoName,
    NoRoute,
    NotFound,
    NoVideo,
    Refused,
    TookTooLong,
    TooManySessions,
)
from video.faults import NO_PASSWORD, NOT_TRIED_AGAIN
from video.networks import ANYWHERE, Networks, ip_of
from video.relay import trusting_context
from video.reply import MOST_BODY, MOST_HEADER, Reply, read_reply
from video.sdp import Media, video_of

_NO_WAY = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL, errno.EACCES}
# Devices that have no session left say so in these three ways.
_FULL = {403, 453, 503}
_GONE = {301, 302, 303, 305, 404, 410, 454}


class Handshake(asyncio.Protocol):
    """One DESCRIBE with a device, after OPTIONS or at once; times are in ms and are known even when `run` fails.

    A refused password is tried once: only a challenge marked stale is answered a second time. With `probe_only`
    nothing but OPTIONS is sent, without the password; with `at_once` OPTIONS is left out, which few devices mind.
    `peer` is the address connected to, inside `networks`.
    """

    def __init__(
        self,
        address: Address,
        credential: Credential | None,
        *,
        probe_only: bool = False,
        at_once: bool = False,
        networks: Networks = ANYWHERE,
    ) -> None:
        self.peer: str | None = None
        self.connect_ms: float | None = None
        self.describe_ms: float | None = None
        self._address = address
        self._credential = credential
        self._probe_only = probe_only
        self._networks = networks
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._method = "DESCRIBE" if at_once and not probe_only else "OPTIONS"
        self._sequence = 0
        self._session: str | None = None
        self._challenge: Challenge | None = None
        self._nonce_uses = 0
        self._cnonce = ""
        self._accepted = False
        self._answered_stale = False
        self._layer = Layer.NAME
        self._connected_at = 0.0

    @property
    def sent_password(self) -> bool:
        """Whether the device was shown the login."""
        return self._challenge is not None

    async def run(self, *, connect_s: float, reply_s: float) -> Media:
        """Return the video the device describes; raise a CameraError with the layer that failed.

        `connect_s` limits name and connection, `reply_s` all replies together.
        """
        loop = asyncio.get_running_loop()
        self._done: asyncio.Future[Media] = loop.create_future()
        started = monotonic()
        try:
            self.peer = self._networks.admitted(await self._resolve(loop, connect_s))
            await self._connect(loop, self.peer, connect_s - (monotonic() - started))
            self._connected_at = monotonic()
            self.connect_ms = (self._connected_at - started) * 1000
            self._layer = Layer.RTSP
            self._ask()
            return await self._wait(loop, reply_s)
        finally:
            self._leave()

    # What asyncio tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the way to write."""
        # A Protocol on TCP gets no other kind, and that of uvloop is none of asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Read the replies that are complete, and do what follows from each."""
        self._received += data
        try:
            while not self._done.done() and (found := read_reply(self._received)):
                self._received = self._received[found[1] :]
                self._take(found[0])
            if len(self._received) > MOST_HEADER + MOST_BODY:
                raise BadReply("its answer is too large")
        except CameraError as error:
            self._fail(error)

    def connection_lost(self, error: Exception | None) -> None:
        """Say that the device hung up, when it had something left to say."""
        self._fail(BadReply("it closed the connection without an answer", layer=self._layer))

    # What we do.

    async def _resolve(self, loop: asyncio.AbstractEventLoop, within_s: float) -> list[str]:
        host = self._address.host
        if ip_of(host):
            return [host]
        try:
            async with asyncio.timeout(within_s):
                found = await loop.getaddrinfo(host, self._address.port, type=socket.SOCK_STREAM)
        except TimeoutError:
            raise TookTooLong("the name server does not answer", layer=Layer.NAME) from None
        except (OSError, UnicodeError) as error:
            raise NoName("the name has no address") from error
        return [str(one[4][0]) for one in found]

    async def _connect(self, loop: asyncio.AbstractEventLoop, host: str, within_s: float) -> None:
        self._layer = Layer.TCP
        secure = trusting_context() if self._address.secure else None
        try:
            async with asyncio.timeout(within_s):
                await loop.create_connection(lambda: self, host, self._address.port, ssl=secure)
        except TimeoutError:
            raise TookTooLong("the connection does not open", layer=Layer.TCP) from None
        except ConnectionRefusedError as error:
            raise Refused("the port is closed") from error
        except ssl.SSLError as error:
            raise BadReply("it does not speak TLS") from error
        except OSError as error:
            raise _unreachable(error) from error

    async def _wait(self, loop: asyncio.AbstractEventLoop, within_s: float) -> Media:
        timer = loop.call_later(within_s, self._give_up)
        try:
            return await self._done
        finally:
            timer.cancel()

    def _give_up(self) -> None:
        self._fail(TookTooLong("it accepts the connection and says nothing more", layer=self._layer))

    def _ask(self) -> None:
        self._sequence += 1
        lines = f"{self._method} {self._address.uri} RTSP/1.0\r\nCSeq: {self._sequence}\r\nUser-Agent: sharpeyes\r\n"
        if self._method == "DESCRIBE":
            lines += "Accept: application/sdp\r\n"
        if self._session:
            lines += f"Session: {self._session}\r\n"
        if self._challenge and self._credential:
            lines += f"Authorization: {self._proof(self._challenge, self._credential)}\r\n"
        assert self._transport is not None  # noqa: S101  asked only once connected
        self._transport.write((lines + "\r\n").encode("utf-8"))

    def _proof(self, challenge: Challenge, credential: Credential) -> str:
        self._nonce_uses += 1
        return authorization(
            challenge,
            credential,
            method=self._method,
            uri=self._address.uri,
            cnonce=self._cnonce,
            count=self._nonce_uses,
        )

    def _take(self, reply: Reply) -> None:
        self._session = reply.session or self._session
        if reply.status < 200:
            return
        if reply.status == 401:
            self._answer(reply)
            return
        self._accepted = self._challenge is not None
        if self._method == "OPTIONS":
            # Whatever OPTIONS says, 405 and 501 too, a device may still describe its stream.
            self._describe()
        else:
            self._finish(reply)

    def _answer(self, reply: Reply) -> None:
        if "lock" in reply.reason.lower():
            raise AuthLocked("it says the account is locked")
        if self._probe_only:
            raise AuthRefused(NOT_TRIED_AGAIN)
        if self._credential is None:
            raise AuthRefused(NO_PASSWORD)
        challenge = best_challenge(reply.headers.get("www-authenticate", ""))
        if challenge is None:
            raise AuthRefused("it asks for a login of a kind that is not known here")
        if self._challenge and not self._may_answer_again(self._challenge, challenge):
            raise AuthRefused("the user or password is wrong")
        self._layer = Layer.AUTH
        self._challenge, self._nonce_uses, self._cnonce = challenge, 0, os.urandom(8).hex()
        self._accepted = False
        self._ask()

    def _may_answer_again(self, before: Challenge, challenge: Challenge) -> bool:
        if challenge.nonce == before.nonce:
            return False
        # A device that took the password for OPTIONS may want a fresh nonce for DESCRIBE.
        if self._accepted:
            return True
        if challenge.stale and not self._answered_stale:
            self._answered_stale = True
            return True
        return False

    def _describe(self) -> None:
        if self._probe_only:
            raise AuthRefused(NOT_TRIED_AGAIN)
        self._method = "DESCRIBE"
        self._layer = Layer.DESCRIBE
        self._ask()

    def _finish(self, reply: Reply) -> None:
        if reply.status != 200:
            raise _refusal(reply)
        self.describe_ms = (monotonic() - self._connected_at) * 1000
        video = video_of(reply.body)
        if video is None:
            raise NoVideo("its description names no video")
        self._done.set_result(video)

    def _fail(self, error: CameraError) -> None:
        if not self._done.done():
            self._done.set_exception(error)

    def _leave(self) -> None:
        if self._done.done() and not self._done.cancelled():
            self._done.exception()
        if self._transport is None or self._transport.is_closing():
            return
        if self._session:
            self._method = "TEARDOWN"
            self._ask()
        self._transport.close()


def _refusal(reply: Reply) -> CameraError:
    said = f"{reply.status} {reply.reason}"[:80].strip()
    if "lock" in reply.reason.lower():
        return AuthLocked(said)
    if reply.status in _FULL:
        return TooManySessions(said)
    if reply.status in _GONE:
        return NotFound(said)
    return BadReply(said, layer=Layer.DESCRIBE)


def _unreachable(error: OSError) -> CameraError:
    if error.errno in _NO_WAY:
        return NoRoute("the network knows no way to it")
    if error.errno == errno.ETIMEDOUT:
        return TookTooLong("the connection does not open", layer=Layer.TCP)
    return BadReply("it broke the connection while it opened", layer=Layer.TCP)
