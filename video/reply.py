"""RTSP replies as cameras write them, read from bytes. Pure.

Forgiving where cameras err (LF only, lower-case names, missing Content-Type or reason, binary frames and junk in
between), firm on size: a header of 16 KiB and a body of 256 KiB are the most a device may send.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from video.errors import BadReply
from video.faults import WEB_SERVER

MOST_HEADER = 16_384
MOST_BODY = 262_144

_STATUS = re.compile(rb"RTSP/\d\.\d[ \t]+(\d{3})[ \t]?([^\r\n]*)")
_HEADER_END = re.compile(rb"\n\r?\n")
_WEB = re.compile(rb"\s*(?:HTTP/\d|<!doctype|<html|<\?xml)", re.IGNORECASE)
_DOLLAR = 0x24


@dataclass(frozen=True, slots=True)
class Reply:
    """One RTSP reply. Header names are lower-case; repeated headers are joined by commas."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: str = ""

    @property
    def session(self) -> str | None:
        """The session this reply belongs to, or None."""
        return self.headers.get("session", "").partition(";")[0].strip() or None


def read_reply(data: bytes) -> tuple[Reply, int] | None:
    """Return the first reply in `data` and the bytes used up, or None while it is incomplete.

    Raises BadReply for what can never become a reply, with WEB_SERVER as the detail where it is one.
    """
    start = _start(data)
    if start is None:
        return None
    status = _STATUS.match(data, start)
    end = _HEADER_END.search(data, start, start + MOST_HEADER)
    if end is None or status is None:
        _refuse_the_hopeless(data, start)
        return None
    headers = _headers(data[status.end() : end.start()])
    length = _length(headers, data, end.end())
    if length > MOST_BODY:
        raise BadReply("its answer is too large")
    used = end.end() + length
    if len(data) < used:
        return None
    reason = status[2].decode("latin-1").strip()
    body = data[end.end() : used].decode("utf-8", "replace") if length else ""
    return Reply(int(status[1]), reason, headers, body), used


def _start(data: bytes) -> int | None:
    if data.startswith(b"RTSP/"):
        return 0
    at = 0
    # Binary frames of a stream that still runs may stand before the reply.
    while at < len(data) and data[at] == _DOLLAR:
        if len(data) < at + 4:
            return None
        at += 4 + int.from_bytes(data[at + 2 : at + 4], "big")
    if at >= len(data):
        return None
    found = _STATUS.search(data, at)
    if found:
        return found.start()
    _refuse_strangers(data[at : at + MOST_HEADER])
    return None


def _refuse_strangers(data: bytes) -> None:
    if _WEB.match(data):
        raise BadReply(WEB_SERVER)
    line, newline, _ = data.lstrip(b"\r\n").partition(b"\n")
    if newline and not line.startswith(b"RTSP/"):
        raise BadReply("its answer is not RTSP")
    if len(data) >= MOST_HEADER:
        raise BadReply("its answer is not RTSP")


def _refuse_the_hopeless(data: bytes, start: int) -> None:
    if len(data) - start >= MOST_HEADER:
        raise BadReply("the header of its answer is too long")
    if _STATUS.match(data, start) is None and b"\n" in data[start:]:
        raise BadReply("its answer is not RTSP")


def _headers(data: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in data.decode("latin-1").split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            name = name.strip().lower()
            value = value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _length(headers: Mapping[str, str], data: bytes, at: int) -> int:
    said = headers.get("content-length")
    if said is None:
        # Some firmware forgets the length; a description then fills the rest of what came.
        return len(data) - at if data.startswith(b"v=", at) else 0
    digits = said.partition(",")[0].strip()
    if not (digits.isascii() and digits.isdigit()):
        raise BadReply("the length in its answer is not a number")
    return int(digits) if len(digits) < 10 else MOST_BODY + 1
