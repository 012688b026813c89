"""Join pieces of edges into the rings they bound, and rings into polygons: a shell and the holes in it."""

import numpy as np
from numpy.typing import NDArray

from gis.arrangement import Floats, Rows
from gis.compiled import compiled, making, part
from gis.depths import UNSEEN, UNSEEN_NOW, X0, X1, Y0, Y1, Pieces
from gis.turns import turn_of

Flags = NDArray[np.bool_]

NONE = -1


@compiled
def faces(pieces: Pieces, kind: int, least_m2: float) -> tuple[Floats, Rows, Rows, float]:
    """Return polygons of at least `least_m2`, holes taken off, and the area of all in m².

    Corners in metres, ring by ring, the shell of a polygon before its holes; the first corner of each ring and the end,
    the first ring of each polygon and the end. The area is not a number where pieces do not close to rings.
    """
    ends, edge = _bounding(pieces, kind)
    points, rings, is_closed = _rings(ends, edge)
    areas = _areas(points, rings)
    whole = pieces.unit_m * pieces.unit_m
    shell_of = _shells(points, rings, areas, least_m2 / whole)
    ordered, starts, polygons = _in_order(points, rings, areas, shell_of, least_m2 / whole)
    total = areas.sum() * whole if is_closed else np.nan
    return ordered * pieces.unit_m + pieces.origin, starts, polygons, total


@making
def _bounding(pieces: Pieces, kind: int) -> tuple[Floats, Rows]:
    """Return the pieces that bound what is asked for, with it on their left, and without those that became points."""
    ends, edge, count = np.empty_like(pieces.ends), np.empty_like(pieces.edge), 0
    is_unseen = kind in (UNSEEN, UNSEEN_NOW)
    for row in range(len(edge)):
        if not pieces.bounds[row] & kind:
            continue
        x0, y0, x1, y1 = pieces.ends[row, X0], pieces.ends[row, Y0], pieces.ends[row, X1], pieces.ends[row, Y1]
        if is_unseen and not pieces.of_ground[row]:
            x0, y0, x1, y1 = x1, y1, x0, y0
        if _place(x0, y0) != _place(x1, y1):
            ends[count, X0], ends[count, Y0], ends[count, X1], ends[count, Y1] = x0, y0, x1, y1
            edge[count] = pieces.edge[row]
            count += 1
    return ends[:count], edge[:count]


@part
def _place(x: float, y: float) -> int:
    """Return a number for the whole numbers next to x, y: pieces that end there are joined."""
    return (int(np.floor(x + 0.5)) << 32) + int(np.floor(y + 0.5))


@making
def _rings(ends: Floats, edge: Rows) -> tuple[Floats, Rows, bool]:
    """Return rings, not closed by a last corner; and whether each piece found one that goes on where it ends."""
    begins = np.empty(len(ends), dtype=np.int64)
    for row in range(len(ends)):
        begins[row] = _place(ends[row, X0], ends[row, Y0])
    order = np.argsort(begins, kind="mergesort")
    places, used = begins[order], np.zeros(len(ends), dtype=np.bool_)
    # Pieces that begin at one place have one node; the next node tells how many they are.
    node = np.searchsorted(places, begins)
    walk, top = np.empty(len(ends), dtype=np.int64), np.full(len(ends), NONE, dtype=np.int64)
    points, rings, is_closed = np.empty((len(ends), 2)), [0], True
    for first in range(len(ends)):
        if used[first]:
            continue
        row, steps = first, 0
        while row != NONE and not used[row]:
            used[row] = True
            walk[steps] = row
            steps += 1
            row = _next(ends, order, places, used, row, first)
        is_closed = is_closed and row == first
        if row == first:
            _split(walk[:steps], node, places, top, ends, edge, points, rings)
    return points[: rings[-1]], np.array(rings), is_closed


@making
def _split(
    walk: Rows, node: Rows, places: Rows, top: Rows, ends: Floats, edge: Rows, points: Floats, rings: list[int]
) -> None:
    """Add the rings of a walk, which is cut where it comes back to a place: there a hole touches its shell.

    `top` is NONE for each node, before and after; the pieces under way are moved to the front of the walk.
    """
    height = 0
    for step in range(len(walk)):
        row = walk[step]
        since = top[node[row]]
        if since != NONE:
            _add(walk[since:height], node, places, ends, edge, points, rings)
            for at in range(since, height):
                top[node[walk[at]]] = NONE
            height = since
        top[node[row]] = height
        walk[height] = row
        height += 1
    _add(walk[:height], node, places, ends, edge, points, rings)
    for at in range(height):
        top[node[walk[at]]] = NONE


@making
def _add(ring: Rows, node: Rows, places: Rows, ends: Floats, edge: Rows, points: Floats, rings: list[int]) -> None:
    """Add the corners of one ring; pieces of one edge go on without a corner, unless others meet there."""
    count = rings[-1]
    for at in range(len(ring)):
        row = ring[at]
        alone = node[row] + 1 == len(places) or places[node[row] + 1] != places[node[row]]
        if not alone or edge[row] != edge[ring[at - 1]]:
            points[count, 0], points[count, 1] = ends[row, X0], ends[row, Y0]
            count += 1
    if count - rings[-1] >= 3:
        rings.append(count)


@making
def _next(ends: Floats, order: Rows, places: Rows, used: Flags, row: int, first: int) -> int:
    """Return the piece that goes on where another ends: the sharpest to the left, so that faces that touch part."""
    back = turn_of(ends[row, X0] - ends[row, X1], ends[row, Y0] - ends[row, Y1])
    found, least, place = NONE, np.inf, _place(ends[row, X1], ends[row, Y1])
    at = np.searchsorted(places, place)
    while at < len(places) and places[at] == place:
        other = order[at]
        at += 1
        if used[other] and other != first:
            continue
        turn = back - turn_of(ends[other, X1] - ends[other, X0], ends[other, Y1] - ends[other, Y0])
        turn += 4 if turn <= 0 else 0
        if turn < least:
            found, least = other, turn
    return found


@making
def _areas(points: Floats, rings: Rows) -> Floats:
    """Return the area of each ring, below 0 of those that run clockwise: holes."""
    areas = np.zeros(len(rings) - 1)
    for ring in range(len(areas)):
        x, y = points[rings[ring], 0], points[rings[ring], 1]
        ax, ay = points[rings[ring + 1] - 1, 0] - x, points[rings[ring + 1] - 1, 1] - y
        for row in range(rings[ring], rings[ring + 1]):
            bx, by = points[row, 0] - x, points[row, 1] - y
            areas[ring] += (ax * by - bx * ay) / 2
            ax, ay = bx, by
    return areas


@making
def _shells(points: Floats, rings: Rows, areas: Floats, least: float) -> Rows:
    """Return for each hole the smallest shell around it, NONE where that is too small to be asked for."""
    shell_of = np.full(len(areas), NONE, dtype=np.int64)
    shells = np.flatnonzero(areas >= max(least, 1e-300))
    shells = shells[np.argsort(areas[shells])]
    for hole in range(len(areas)):
        if areas[hole] >= 0:
            continue
        row = rings[hole]
        x, y = (points[row, 0] + points[row + 1, 0]) / 2, (points[row, 1] + points[row + 1, 1]) / 2
        for shell in shells:
            if areas[shell] > -areas[hole] and _is_around(points, rings[shell], rings[shell + 1], x, y):
                shell_of[hole] = shell
                break
    return shell_of


@part
def _is_around(points: Floats, since: int, until: int, x: float, y: float) -> bool:
    is_inside = False
    ax, ay = points[until - 1, 0], points[until - 1, 1]
    for row in range(since, until):
        bx, by = points[row, 0], points[row, 1]
        if (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax):
            is_inside = not is_inside
        ax, ay = bx, by
    return is_inside


@making
def _in_order(points: Floats, rings: Rows, areas: Floats, shell_of: Rows, least: float) -> tuple[Floats, Rows, Rows]:
    """Return the rings of polygons that are large enough without their holes, closed, shell by shell."""
    net = areas.copy()
    for hole in range(len(areas)):
        if shell_of[hole] != NONE:
            net[shell_of[hole]] += areas[hole]
    kept, polygons = [0 for _ in range(0)], [0]
    holes = np.argsort(shell_of, kind="mergesort")
    sorted_shells = shell_of[holes]
    for shell in range(len(areas)):
        if areas[shell] > 0 and net[shell] >= least:
            kept.append(shell)
            for at in range(np.searchsorted(sorted_shells, shell), np.searchsorted(sorted_shells, shell + 1)):
                kept.append(holes[at])
            polygons.append(len(kept))
    ordered, starts, count = np.empty((len(points) + len(rings), 2)), np.zeros(len(kept) + 1, dtype=np.int64), 0
    for at in range(len(kept)):
        since, until = rings[kept[at]], rings[kept[at] + 1]
        ordered[count : count + until - since] = points[since:until]
        ordered[count + until - since] = points[since]
        count += until - since + 1
        starts[at + 1] = count
    return ordered[:count], starts, np.array(polygons)
