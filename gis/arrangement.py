"""Lay views over one ground, and cut their edges and those of the ground where they meet.

Whether edges meet is asked of corners rounded to whole numbers of so many bits, with 29 a millionth of a metre on
ground of 500 m. So on which side of an edge a corner lies is exact. Where they meet is measured from the real corners;
which cuts are one place is asked of the rounded ones, since real edges may pass each other where those meet.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.compiled import making, part

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

# Columns of edges and of cuts.
AX, AY, BX, BY, EAST, SOUTH, NORTH, OWNER, BAND = range(9)
EDGE, SHARE, CUT_X, CUT_Y, PLACE_X, PLACE_Y = range(6)

# The most for which twice the area of three corners is a whole number of 63 bits.
MOST_BITS = 29
_EDGES_A_BAND = 8
# Of two edges: four that meet, and four that all but do.
_MOST_CUTS = 8
_MOST_BANDS = 4096


class Corners(NamedTuple):
    """Closed rings with the inside on their left, in metres; where each ring and each shape begins, and the end."""

    points: Floats
    rings: Rows
    shapes: Rows


class Arranged(NamedTuple):
    """Edges by their least x, in units of `unit_m` from `origin`, rounded and as they are; bands of height; cuts."""

    edges: Rows
    exact: Floats
    low: float
    high: float
    starts: Rows
    items: Rows
    cuts: Floats
    first: Rows
    origin: Floats
    unit_m: float


@making
def arranged(frame: Corners, views: Corners, chosen: Rows, bits: int) -> Arranged:
    """Return the edges of a ground and of the chosen views that may meet it, and where those of two shapes meet."""
    origin, unit_m = _scale(frame, views, chosen, bits)
    edges, exact, low, high = _edges(frame, views, chosen, origin, unit_m)
    starts, items = _bands(edges, low, high)
    cuts, first = _cuts(edges, exact, starts, items)
    return Arranged(edges, exact, low, high, starts, items, cuts, first, origin, unit_m)


@making
def _scale(frame: Corners, views: Corners, chosen: Rows, bits: int) -> tuple[Floats, float]:
    """Return the south-western corner of the ground, and the power of two in which every corner has so many bits."""
    origin = np.full(2, np.inf)
    for row in range(len(frame.points)):
        for axis in range(2):
            origin[axis] = min(origin[axis], frame.points[row, axis])
    wide = _widest(frame.points, 0, len(frame.points), origin[0], origin[1])
    for view in chosen:
        since, until = views.rings[views.shapes[view]], views.rings[views.shapes[view + 1]]
        wide = max(wide, _widest(views.points, since, until, origin[0], origin[1]))
    return origin, 2.0 ** (math.ceil(math.log2(max(wide, 1e-3))) - bits)


@part
def _widest(points: Floats, since: int, until: int, x: float, y: float) -> float:
    wide = 0.0
    for row in range(since, until):
        wide = max(wide, abs(points[row, 0] - x), abs(points[row, 1] - y))
    return wide


@making
def _edges(
    frame: Corners, views: Corners, chosen: Rows, origin: Floats, unit_m: float
) -> tuple[Rows, Floats, float, float]:
    """Return the edges that may meet the ground or lie west of it, by their least x; and how low and high it lies."""
    room = len(frame.points)
    for view in chosen:
        room += views.rings[views.shapes[view + 1]] - views.rings[views.shapes[view]]
    edges, exact = np.empty((room, 9), dtype=np.int64), np.empty((room, 4))
    count = _whole(edges, exact, 0, frame.points, frame.rings, origin, unit_m, len(chosen))
    low, high, east = np.int64(0), np.int64(0), np.int64(0)
    for row in range(count):
        high, east = max(high, edges[row, NORTH]), max(east, edges[row, EAST])
    for owner in range(len(chosen)):
        rings = views.rings[views.shapes[chosen[owner]] : views.shapes[chosen[owner] + 1] + 1]
        until = _whole(edges, exact, count, views.points, rings, origin, unit_m, owner)
        for row in range(count, until):
            west = min(edges[row, AX], edges[row, BX])
            if edges[row, NORTH] >= low and edges[row, SOUTH] <= high and west <= east:
                _copy(edges, exact, row, edges, exact, count)
                count += 1
    by_x, as_they_are = _eastwards(edges, exact, count)
    return by_x, as_they_are, float(low), float(high)


@part
def _copy(edges: Rows, exact: Floats, row: int, to_edges: Rows, to_exact: Floats, to_row: int) -> None:
    for column in range(edges.shape[1]):
        to_edges[to_row, column] = edges[row, column]
    for column in range(4):
        to_exact[to_row, column] = exact[row, column]


@making
def _eastwards(edges: Rows, exact: Floats, count: int) -> tuple[Rows, Floats]:
    """Return edges by their least x."""
    west = np.empty(count, dtype=np.int64)
    for row in range(count):
        west[row] = min(edges[row, AX], edges[row, BX])
    order = order_of(west)
    kept, as_they_are = np.empty((count, edges.shape[1]), dtype=np.int64), np.empty((count, 4))
    for row in range(count):
        _copy(edges, exact, order[row], kept, as_they_are, row)
    return kept, as_they_are


@making
def order_of(keys: Rows) -> Rows:
    """Return rows by their keys, equal ones in the order they come in; one function, since sorts compile slowly."""
    return np.argsort(keys, kind="mergesort")


@part
def summed(counts: Rows) -> None:
    """Add to each number those before it."""
    for row in range(1, len(counts)):
        counts[row] += counts[row - 1]


@part
def _whole(
    edges: Rows, exact: Floats, count: int, points: Floats, rings: Rows, origin: Floats, unit_m: float, owner: int
) -> int:
    """Add the edges of rings in whole numbers, and as they are, without those that became points."""
    for ring in range(len(rings) - 1):
        for row in range(rings[ring] + 1, rings[ring + 1]):
            x, y = (points[row - 1, 0] - origin[0]) / unit_m, (points[row - 1, 1] - origin[1]) / unit_m
            to_x, to_y = (points[row, 0] - origin[0]) / unit_m, (points[row, 1] - origin[1]) / unit_m
            ax, ay, bx, by = whole_of(x), whole_of(y), whole_of(to_x), whole_of(to_y)
            if ax != bx or ay != by:
                edges[count, AX], edges[count, AY], edges[count, BX], edges[count, BY] = ax, ay, bx, by
                edges[count, EAST], edges[count, OWNER] = max(ax, bx), owner
                edges[count, SOUTH], edges[count, NORTH] = min(ay, by), max(ay, by)
                exact[count, AX], exact[count, AY], exact[count, BX], exact[count, BY] = x, y, to_x, to_y
                count += 1
    return count


@part
def whole_of(number: float) -> int:
    """Return the whole number next to a number."""
    return math.floor(number + 0.5)


@making
def _bands(edges: Rows, low: float, high: float) -> tuple[Rows, Rows]:
    """Return edges by height: those of band k are items starts[k] to starts[k + 1], by their least x."""
    bands = max(1, min(_MOST_BANDS, len(edges) // _EDGES_A_BAND))
    starts = np.zeros(bands + 2, dtype=np.int64)
    for row in range(len(edges)):
        edges[row, BAND] = band_of(float(edges[row, SOUTH]), low, high, bands)
        for band in range(edges[row, BAND], band_of(float(edges[row, NORTH]), low, high, bands) + 1):
            starts[band + 2] += 1
    summed(starts)
    items = np.empty(starts[-1], dtype=np.int64)
    for row in range(len(edges)):
        for band in range(edges[row, BAND], band_of(float(edges[row, NORTH]), low, high, bands) + 1):
            items[starts[band + 1]] = row
            starts[band + 1] += 1
    return starts[:-1].copy(), items


@part
def band_of(y: float, low: float, high: float, bands: int) -> int:
    """Return the band of a height; what lies lower or higher belongs to the first or the last."""
    return max(0, min(bands - 1, int((y - low) / (high - low + 1) * bands)))


@part
def side(edges: Rows, row: int, x: int, y: int) -> int:
    """Return above 0 left of an edge, below 0 right of it, 0 on its line; exact."""
    ax, ay = edges[row, AX], edges[row, AY]
    beside: int = (edges[row, BX] - ax) * (y - ay) - (edges[row, BY] - ay) * (x - ax)
    return beside


@part
def ends_beside(edges: Rows, row: int, other: int) -> tuple[int, int]:
    """Return on which side of an edge another begins and ends."""
    begin = side(edges, row, edges[other, AX], edges[other, AY])
    return begin, side(edges, row, edges[other, BX], edges[other, BY])


@making
def _cuts(edges: Rows, exact: Floats, starts: Rows, items: Rows) -> tuple[Floats, Rows]:
    """Return where edges of different shapes meet, edge by edge along each; the first cut of each edge."""
    cuts, count = np.empty((4 * len(edges) + 64, 6)), 0
    for band in range(len(starts) - 1):
        for at in range(starts[band], starts[band + 1]):
            one = items[at]
            for after in range(at + 1, starts[band + 1]):
                other = items[after]
                if min(edges[other, AX], edges[other, BX]) > edges[one, EAST] + 1:
                    break
                # Two edges that share bands are compared in the lowest.
                if edges[one, OWNER] == edges[other, OWNER] or max(edges[one, BAND], edges[other, BAND]) != band:
                    continue
                if edges[one, SOUTH] > edges[other, NORTH] + 1 or edges[other, SOUTH] > edges[one, NORTH] + 1:
                    continue
                if count + _MOST_CUTS > len(cuts):
                    cuts = _larger(cuts)
                count = _cut(edges, exact, one, other, cuts, count)
    return _by_edge(cuts, count, len(edges))


@part
def _cut(edges: Rows, exact: Floats, one: int, other: int, cuts: Floats, count: int) -> int:
    """Add the cuts of two edges that cross, touch or lie along each other, all but touches too."""
    one_a, one_b = ends_beside(edges, other, one)
    other_a, other_b = ends_beside(edges, one, other)
    count = _cut_close(edges, exact, one, other, one_a, one_b, cuts, count)
    count = _cut_close(edges, exact, other, one, other_a, other_b, cuts, count)
    if (one_a > 0 and one_b > 0) or (one_a < 0 and one_b < 0):
        return count
    if one_a == 0 and one_b == 0:
        count = _cut_along(edges, exact, one, other, cuts, count)
        return _cut_along(edges, exact, other, one, cuts, count)
    if (other_a > 0 and other_b > 0) or (other_a < 0 and other_b < 0):
        return count
    share_one, share_other = one_a / (one_a - one_b), other_a / (other_a - other_b)
    corner, is_last, is_corner = one, one_b == 0, True
    if one_a != 0 and one_b != 0:
        corner, is_last, is_corner = other, other_b == 0, other_a == 0 or other_b == 0
    at, share = (corner, 1.0 if is_last else 0.0) if is_corner else (one, share_one)
    if one_a != 0 and one_b != 0:
        count = _note(edges, exact, cuts, count, one, share_one, at, share)
    if other_a != 0 and other_b != 0:
        count = _note(edges, exact, cuts, count, other, share_other, at, share)
    return count


@part
def _cut_close(
    edges: Rows, exact: Floats, one: int, other: int, one_a: int, one_b: int, cuts: Floats, count: int
) -> int:
    """Add the ends of an edge that lie beside another by a unit at most as cuts of the other.

    Nothing lies between them that could be drawn; cut there, both outlines have the same corner.
    """
    ax, ay = edges[other, AX], edges[other, AY]
    dx, dy = edges[other, BX] - ax, edges[other, BY] - ay
    for last in range(2):
        beside = one_b if last else one_a
        if beside == 0 or abs(beside) > max(abs(dx), abs(dy)):
            continue
        reached = (edges[one, BX if last else AX] - ax) * dx + (edges[one, BY if last else AY] - ay) * dy
        if 0 < reached < dx * dx + dy * dy:
            share = reached / (dx * dx + dy * dy)
            count = _note(edges, exact, cuts, count, other, share, one, float(last))
            cuts[count - 1, CUT_X], cuts[count - 1, CUT_Y] = along(exact, other, share)
    return count


@part
def _cut_along(edges: Rows, exact: Floats, one: int, other: int, cuts: Floats, count: int) -> int:
    """Add the ends of an edge that lie within another on the same line as cuts of the other."""
    ax, ay = edges[other, AX], edges[other, AY]
    dx, dy = edges[other, BX] - ax, edges[other, BY] - ay
    for last in range(2):
        reached = (edges[one, BX if last else AX] - ax) * dx + (edges[one, BY if last else AY] - ay) * dy
        if 0 < reached < dx * dx + dy * dy:
            count = _note(edges, exact, cuts, count, other, reached / (dx * dx + dy * dy), one, float(last))
    return count


@part
def _note(edges: Rows, exact: Floats, cuts: Floats, count: int, edge: int, share: float, at: int, after: float) -> int:
    """Add a cut of an edge after a share of it, which lies on edge `at` after another share."""
    cuts[count, EDGE], cuts[count, SHARE] = edge, share
    cuts[count, CUT_X], cuts[count, CUT_Y] = along(exact, at, after)
    x, y = along(edges, at, after)
    cuts[count, PLACE_X], cuts[count, PLACE_Y] = math.floor(x + 0.5), math.floor(y + 0.5)
    return count + 1


@part
def along(edges: Floats | Rows, row: int, share: float) -> tuple[float, float]:
    """Return the place on an edge after a share of its length; its ends are exactly its corners."""
    ax, ay, bx, by = edges[row, AX], edges[row, AY], edges[row, BX], edges[row, BY]
    return (bx, by) if share == 1 else (ax + share * (bx - ax), ay + share * (by - ay))


@making
def _larger(cuts: Floats) -> Floats:
    larger = np.empty((2 * len(cuts), cuts.shape[1]))
    for row in range(len(cuts)):
        for column in range(cuts.shape[1]):
            larger[row, column] = cuts[row, column]
    return larger


@making
def _by_edge(cuts: Floats, count: int, edges: int) -> tuple[Floats, Rows]:
    """Return the first `count` cuts edge by edge, along each; the first cut of each edge, and the end."""
    first, free = np.zeros(edges + 1, dtype=np.int64), np.empty(edges, dtype=np.int64)
    for row in range(count):
        first[int(cuts[row, EDGE]) + 1] += 1
    summed(first)
    for edge in range(edges):
        free[edge] = first[edge]
    placed = np.empty((count, cuts.shape[1]))
    for row in range(count):
        edge = int(cuts[row, EDGE])
        at = free[edge]
        # Few edges have more than a handful of cuts.
        while at > first[edge] and placed[at - 1, SHARE] > cuts[row, SHARE]:
            for column in range(cuts.shape[1]):
                placed[at, column] = placed[at - 1, column]
            at -= 1
        for column in range(cuts.shape[1]):
            placed[at, column] = cuts[row, column]
        free[edge] += 1
    return placed, first
