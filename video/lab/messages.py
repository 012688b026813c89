"""Requests and replies of RTSP and HTTP, which share one form, over asyncio protocols (half the cost of streams)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import cast

MAX_REQUEST = 256 * 1024
_REASONS = {453: "Not Enough Bandwidth", 454: "Session Not Found", 459: "Aggregate Operation Not Allowed"}
_REASONS |= {455: "Method Not Valid in This State", 461: "Unsupported Transport"}
_REASONS |= {int(status): status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names in lower case, the last of equal names wins."""

    method: str
    target: str
    version: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply, before it is written in the words of a protocol."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def written(self, version: str, **more: str) -> bytes:
        """Return the bytes of the reply under RTSP/1.0 or HTTP/1.1."""
        headers = {**more, **self.headers}
        if self.body or version.startswith("HTTP"):
            headers["Content-Length"] = str(len(self.body))
        lines = [f"{version} {self.status} {_REASONS.get(self.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body


class Conversation(asyncio.Protocol):
    """One connection that hands over whole requests; bytes nobody can read end it."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Collect bytes, and answer every request that is whole."""
        self._buffer += data
        try:
            while (request := self._next()) is not None:
                self.on_request(request)
        except ValueError:
            self.transport.abort()

    def on_request(self, request: Request) -> None:
        """Answer one request."""
        raise NotImplementedError

    def _next(self) -> Request | None:
        """Take one whole request from the buffer, and whatever RTP reports of the client lie before it."""
        while self._buffer[:1] == b"$":
            if len(self._buffer) < 4 or len(self._buffer) < 4 + int.from_bytes(self._buffer[2:4]):
                return None
            del self._buffer[: 4 + int.from_bytes(self._buffer[2:4])]
        end = self._buffer.find(b"\r\n\r\n")
        if len(self._buffer) > MAX_REQUEST:
            raise ValueError("the request is longer than any honest one")
        if end < 0:
            return None
        request = _parsed(bytes(self._buffer[:end]))
        size = int(request.headers.get("content-length", 0))
        if len(self._buffer) < end + 4 + size:
            return None
        body = bytes(self._buffer[end + 4 : end + 4 + size])
        del self._buffer[: end + 4 + size]
        return Request(request.method, request.target, request.version, request.headers, body)


def _parsed(head: bytes) -> Request:
    first, *rest = head.decode("latin-1").split("\r\n")
    method, target, version = first.split(" ")
    headers = {}
    for line in rest:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return Request(method, target, version, headers)
