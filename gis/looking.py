"""Let many cameras look at once: in chunks, on every core, between the edges of one ground.

The compiled loops hold no lock, so plain threads share the work and the ground; nothing is copied to them.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gis.grid import Floats, Rows
from gis.obstacles import Obstacles, stands_of
from gis.poses import Fans
from gis.rims import Rims, rims_of
from gis.sights import HEIGHT, Sights, X, Y, look

CHUNK = 1000
# Cameras of the same square of this width look one after another, while its edges are at hand.
BLOCK_M = 256.0

Back = TypeVar("Back")


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """What many cameras see, one row a camera: how they stand, where they were put, areas in m², and stretches.

    Stretches first[k] to first[k + 1] of `stretches` (rows of gis/sight.py) belong to camera k.
    """

    fans: Fans
    how: Rows
    places: Floats
    knows_buildings: NDArray[np.bool_]
    area_m2: Floats
    stretches: Floats
    first: Rows

    def rims(self) -> Rims:
        """Return the outlines of what is seen, in the CRS of the cameras."""
        return _rims(self.stretches, self.first, self.fans, self.places)

    def open_rims(self) -> Rims:
        """Return the outlines of what would be seen on open ground, empty for cameras that see no ground."""
        fans, sees = self.fans, self.fans.area_m2 > 0
        nothing, once = np.zeros(int(sees.sum())), np.ones(int(sees.sum()))
        rows = np.stack([nothing, fans.width[sees], fans.reach[sees], fans.reach[sees], once], axis=1)
        return _rims(np.ascontiguousarray(rows), _ends(sees), fans, self.places)


def looks_of(fans: Fans, obstacles: Obstacles) -> Looks:
    """Return what cameras see between obstacles, in their CRS."""
    table, ground, houses = fans.table, obstacles.ground, obstacles.houses
    column, row = np.floor(table[:, 0] / BLOCK_M), np.floor(table[:, 1] / BLOCK_M)
    order = np.lexsort((column, row))
    table = np.ascontiguousarray(table[order])
    # Fans without an area see nothing: a reach of zero lets no edge in.
    table[fans.area_m2[order] <= 0, 3:6] = 0.0

    def see(since: int, until: int) -> tuple[Rows, Sights]:
        own = table[since:until]
        stands = stands_of(obstacles, own[:, X].copy(), own[:, Y].copy(), own[:, HEIGHT].copy())
        return stands.how, look(ground, houses, own, stands)

    hows, seen = zip(*_each_chunk(len(table), see), strict=True)
    return _in_order(seen, order, fans, np.concatenate(hows))


def _in_order(seen: Sequence[Sights], order: NDArray[np.intp], fans: Fans, how: Rows) -> Looks:
    """Return chunks of cameras sorted by place in their own order again."""
    back = np.argsort(order)
    rows = np.concatenate([some.rows for some in seen])
    counts = np.concatenate([np.diff(some.first) for some in seen])
    first, taken = _ends(counts[back]), _ends(counts)[:-1][back]
    every = np.arange(len(rows)) + np.repeat(taken - first[:-1], counts[back])
    return Looks(
        fans=fans,
        how=how[back],
        places=np.concatenate([some.places for some in seen])[back],
        knows_buildings=np.concatenate([some.knows for some in seen])[back],
        area_m2=np.minimum(np.concatenate([some.area_m2 for some in seen])[back], fans.area_m2),
        stretches=rows[every],
        first=first,
    )


def _rims(stretches: Floats, first: Rows, fans: Fans, places: Floats) -> Rims:
    pens = np.ascontiguousarray(np.column_stack([places, fans.start]))
    extents = np.ascontiguousarray(np.column_stack([fans.width, fans.reach, fans.near]))

    def draw(since: int, until: int) -> Rims:
        own = stretches[first[since] : first[until]]
        return rims_of(own, first[since : until + 1] - first[since], pens[since:until], extents[since:until])

    drawn = _each_chunk(len(places), draw)
    return drawn[0] if len(drawn) == 1 else _joined(drawn)


def _joined(drawn: list[Rims]) -> Rims:
    """Return chunks of outlines as one."""
    return Rims(
        np.concatenate([some.points for some in drawn]),
        *(_ends(np.concatenate([np.diff(some[level]) for some in drawn])) for level in (1, 2, 3)),
    )


def _ends(counts: NDArray[np.generic]) -> Rows:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _each_chunk(count: int, run: Callable[[int, int], Back]) -> list[Back]:
    """Return what `run` gives for every chunk of rows, in order; at least one, which may be empty."""
    chunks = list(_chunks(count))
    if len(chunks) == 1:
        return [run(*chunks[0])]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as workers:
        return list(workers.map(lambda chunk: run(*chunk), chunks))


def _chunks(count: int) -> Iterator[tuple[int, int]]:
    yield 0, min(count, CHUNK)
    for since in range(CHUNK, count, CHUNK):
        yield since, min(since + CHUNK, count)
