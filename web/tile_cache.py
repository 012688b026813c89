"""Tiles that were cut, kept in this process: each is cut once however many ask at a time, and memory is bounded.

A key holds the stamp of the asker's scope and of the layers, so a tile is never given to another scope and never after
a change; what became unreachable that way is dropped when the database tells of the change, or when room is needed.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock

MOST_BYTES = 64 * 2**20
# What an entry takes beside its bytes, roughly.
_AROUND_BYTES = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What a tile is kept under: the layer, the stamp of scope and versions, and the place."""

    layer: str
    stamp: str
    z: int
    x: int
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A tile as it is sent: `packed` when gzip was worth it."""

    body: bytes
    packed: bool
    truncated: bool
    etag: str
    cut_at: float = field(default_factory=time.monotonic)


class TileCache:
    """The latest tiles of this process, at most `most_bytes` of them."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._held = 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._coming: dict[Key, Future[Kept]] = {}
        self._lock = Lock()

    def get(self, key: Key, cut: Callable[[], Kept], *, within_s: float | None = None) -> Kept:
        """Return the tile of `key`, cut by the first that asks; one older than `within_s` is cut anew."""
        with self._lock:
            known = self._fresh(key, within_s)
            if known is not None:
                return known
            there = self._coming.get(key)
            if there is None:
                coming = self._coming[key] = Future()
        return there.result() if there is not None else self._cut(key, cut, coming)

    def forget(self, layer: str) -> None:
        """Drop the tiles of a layer."""
        with self._lock:
            for key in [key for key in self._kept if key.layer == layer]:
                self._drop(key)

    @property
    def held_bytes(self) -> int:
        """How much is kept."""
        return self._held

    def _fresh(self, key: Key, within_s: float | None) -> Kept | None:
        known = self._kept.get(key)
        if known is None or (within_s is not None and time.monotonic() - known.cut_at >= within_s):
            return None
        self._kept.move_to_end(key)
        return known

    def _cut(self, key: Key, cut: Callable[[], Kept], coming: Future[Kept]) -> Kept:
        try:
            made = cut()
        except BaseException as error:
            self._end(key)
            coming.set_exception(error)
            raise
        self._end(key, made)
        coming.set_result(made)
        return made

    def _end(self, key: Key, made: Kept | None = None) -> None:
        with self._lock:
            self._coming.pop(key, None)
            if made is None or _size(made) > self._most // 4:
                return
            if key in self._kept:
                self._drop(key)
            self._kept[key] = made
            self._held += _size(made)
            while self._held > self._most:
                self._drop(next(iter(self._kept)))

    def _drop(self, key: Key) -> None:
        self._held -= _size(self._kept.pop(key))


def _size(kept: Kept) -> int:
    return len(kept.body) + _AROUND_BYTES
