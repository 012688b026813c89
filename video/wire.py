"""How a prober and its decoder processes talk: one line of JSON with a length before it, then raw bytes.

A decoder that read hostile video may send anything, so what it says is read as data of bounded size, never unpickled.
"""

import asyncio
import json
import socket
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from data.looks import CheckState, Picture, PictureCheck
from data.types import Fault
from video.stretch import Rates

MOST_WORDS = 65_536
_RATES = ("frame_rate", "bit_rate_kbps", "gop_s")
MOST_BLOB = 32_000_000


class BadMessage(Exception):
    """The other side sent something that is not a message."""


def packed(words: Mapping[str, Any], blobs: Sequence[bytes] = ()) -> bytes:
    """Return a message of `words` and raw `blobs`."""
    text = json.dumps({"words": words, "blobs": [len(blob) for blob in blobs]}).encode()
    return b"".join((len(text).to_bytes(4, "big"), text, *blobs))


async def receive(reader: asyncio.StreamReader) -> tuple[dict[str, Any], list[bytes]]:
    """Return the next message; raise BadMessage or IncompleteReadError."""
    length = int.from_bytes(await reader.readexactly(4), "big")
    words, sizes = _opened(length, await reader.readexactly(min(length, MOST_WORDS)))
    return words, [await reader.readexactly(size) for size in sizes]


def receive_blocking(connection: socket.socket) -> dict[str, Any] | None:
    """Return the words of the next message, or None when the other side has gone."""
    length = connection.recv(4, socket.MSG_WAITALL)
    if len(length) < 4:
        return None
    text = connection.recv(int.from_bytes(length, "big"), socket.MSG_WAITALL)
    return _opened(len(text), text)[0]


def receive_raw(connection: socket.socket, size: int) -> bytes:
    """Return exactly `size` bytes that follow a message; raise BadMessage when there are fewer."""
    raw = connection.recv(size, socket.MSG_WAITALL) if 0 < size <= MOST_BLOB else b""
    if len(raw) != size:
        raise BadMessage("its data is cut off")
    return raw


def _opened(length: int, text: bytes) -> tuple[dict[str, Any], list[int]]:
    if length > MOST_WORDS:
        raise BadMessage("it is too long")
    try:
        message = json.loads(text)
        words, sizes = message["words"], message["blobs"]
    except (ValueError, TypeError, KeyError) as error:
        raise BadMessage("it cannot be read") from error
    if not isinstance(words, dict) or not isinstance(sizes, list) or len(sizes) > 2:
        raise BadMessage("it has the wrong shape")
    if not all(isinstance(size, int) and 0 <= size <= MOST_BLOB for size in sizes):
        raise BadMessage("its data has no honest size")
    return words, sizes


def picture_words(picture: Picture) -> dict[str, Any]:
    """Return what a message says of a picture beside its two JPEGs."""
    return {
        "width": picture.width,
        "height": picture.height,
        "sha256": picture.sha256,
        "scene": b64encode(picture.scene).decode(),
        "measures": dict(picture.measures),
        "checks": {fault: [check.state, check.score, check.reason] for fault, check in picture.checks.items()},
    }


def rates_from(words: Mapping[str, Any]) -> Rates:
    """Return the rates a message tells of; raise a ValueError, TypeError or KeyError."""
    return Rates(**{name: None if words[name] is None else float(words[name]) for name in _RATES})


def picture_from(words: Mapping[str, Any], jpeg: bytes, thumbnail: bytes) -> Picture:
    """Return the picture a message tells of; raise BadMessage."""
    try:
        return Picture(
            jpeg=jpeg,
            thumbnail=thumbnail,
            width=int(words["width"]),
            height=int(words["height"]),
            sha256=str(words["sha256"])[:64],
            scene=b64decode(words["scene"], validate=True),
            measures={str(name): float(value) for name, value in words["measures"].items()},
            checks={
                Fault(fault): _check(state, score, reason) for fault, (state, score, reason) in words["checks"].items()
            },
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadMessage("its picture cannot be read") from error


def _check(state: str, score: float | None, reason: str) -> PictureCheck:
    return PictureCheck(
        state=CheckState(state), score=None if score is None else float(score), reason=str(reason)[:200]
    )
