"""Join pieces of edges into the rings they bound, and rings into polygons: a shell and the holes in it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.arrangement import Floats, Rows, order_of
from gis.compiled import compiled, making, part
from gis.depths import UNSEEN, UNSEEN_NOW, X0, X1, Y0, Y1, Pieces
from gis.turns import turn_of

Flags = NDArray[np.bool_]

NONE = -1


class Net(NamedTuple):
    """Pieces with what they bound on their left, by the places they begin at.

    `joins` are the numbers of the places each begins and ends at. `order` are pieces by place, `places` these places;
    `node` tells of each piece where in `order` its place begins.
    """

    ends: Floats
    joins: Rows
    edge: Rows
    order: Rows
    places: Rows
    node: Rows


@compiled
def faces(pieces: Pieces, kind: int, least_m2: float) -> tuple[Floats, Rows, Rows, float]:
    """Return polygons of at least `least_m2`, holes taken off, and the area of all in m².

    Corners in metres, ring by ring, the shell of a polygon before its holes; the first corner of each ring and the end,
    the first ring of each polygon and the end. The area is not a number where pieces do not close to rings.
    """
    points, rings, is_closed = _rings(_net(*_bounding(pieces, kind)))
    areas, whole, total = _areas(points, rings), pieces.unit_m * pieces.unit_m, 0.0
    for ring in range(len(areas)):
        total += areas[ring] * whole
    shell_of = _shells(points, rings, areas, least_m2 / whole)
    corners, starts, polygons = _in_order(points, rings, areas, shell_of, least_m2 / whole)
    for row in range(len(corners)):
        for axis in range(2):
            corners[row, axis] = pieces.origin[axis] + corners[row, axis] * pieces.unit_m
    return corners, starts, polygons, total if is_closed else np.nan


@making
def _bounding(pieces: Pieces, kind: int) -> tuple[Floats, Rows, Rows]:
    """Return the pieces that bound what is asked for, with it on their left, and without those that became points."""
    room, count = len(pieces.edge), 0
    ends, joins, edge = np.empty((room, 4)), np.empty((room, 2), dtype=np.int64), np.empty(room, dtype=np.int64)
    is_unseen = kind in (UNSEEN, UNSEEN_NOW)
    for row in range(room):
        if not pieces.bounds[row] & kind:
            continue
        start, end = (X1, X0) if is_unseen and not pieces.of_ground[row] else (X0, X1)
        joins[count, 0], joins[count, 1] = _number(pieces.places, row, start), _number(pieces.places, row, end)
        if joins[count, 0] != joins[count, 1]:
            ends[count, X0], ends[count, Y0] = pieces.ends[row, start], pieces.ends[row, start + 1]
            ends[count, X1], ends[count, Y1] = pieces.ends[row, end], pieces.ends[row, end + 1]
            edge[count] = pieces.edge[row]
            count += 1
    return ends[:count], joins[:count], edge[:count]


@part
def _number(places: Rows, row: int, column: int) -> int:
    """Return one number for the place x, y of a piece: those with the same one are joined."""
    number: int = (places[row, column] << 32) + places[row, column + 1]
    return number


@making
def _net(ends: Floats, joins: Rows, edge: Rows) -> Net:
    begins, places = joins[:, 0].copy(), np.empty(len(ends), dtype=np.int64)
    order, node = order_of(begins), np.empty(len(ends), dtype=np.int64)
    for at in range(len(ends)):
        places[at] = begins[order[at]]
        node[order[at]] = node[order[at - 1]] if at > 0 and places[at] == places[at - 1] else at
    return Net(ends, joins, edge, order, places, node)


@making
def _rings(net: Net) -> tuple[Floats, Rows, bool]:
    """Return rings, not closed by a last corner; and whether each piece found one that goes on where it ends."""
    pieces = len(net.edge)
    walk, top, used = (
        np.empty(pieces, dtype=np.int64),
        np.empty(pieces, dtype=np.int64),
        np.zeros(pieces, dtype=np.bool_),
    )
    for row in range(pieces):
        top[row] = NONE
    points, rings, count, is_closed = np.empty((pieces, 2)), np.zeros(pieces + 1, dtype=np.int64), 0, True
    for first in range(pieces):
        if used[first]:
            continue
        row, steps = first, 0
        while row != NONE and not used[row]:
            used[row] = True
            walk[steps] = row
            steps += 1
            row = _next(net, used, row, first)
        if row == first:
            count = _split(net, walk, steps, top, points, rings, count)
        else:
            is_closed = False
    return points[: rings[count]], rings[: count + 1], is_closed


@part
def _split(net: Net, walk: Rows, steps: int, top: Rows, points: Floats, rings: Rows, count: int) -> int:
    """Add the rings of a walk, which is cut where it comes back to a place: there a hole touches its shell.

    `top` is NONE for each node, before and after; the pieces under way are moved to the front of the walk.
    """
    height = 0
    for step in range(steps):
        row = walk[step]
        since = top[net.node[row]]
        if since != NONE:
            count = _add(net, walk, since, height, points, rings, count)
            for at in range(since, height):
                top[net.node[walk[at]]] = NONE
            height = since
        top[net.node[row]] = height
        walk[height] = row
        height += 1
    count = _add(net, walk, 0, height, points, rings, count)
    for at in range(height):
        top[net.node[walk[at]]] = NONE
    return count


@part
def _add(net: Net, walk: Rows, since: int, until: int, points: Floats, rings: Rows, count: int) -> int:
    """Add the corners of one ring; pieces of one edge go on without a corner, unless others meet there."""
    corner, before = rings[count], walk[until - 1]
    for at in range(since, until):
        row = walk[at]
        after = net.node[row] + 1
        is_alone = after == len(net.places) or net.places[after] != net.places[after - 1]
        if not is_alone or net.edge[row] != net.edge[before]:
            # One place has one corner, however it was measured: rings touch there and never overlap.
            there = net.order[net.node[row]]
            points[corner, 0], points[corner, 1] = net.ends[there, X0], net.ends[there, Y0]
            corner += 1
        before = row
    if corner - rings[count] < 3:
        return count
    rings[count + 1] = corner
    return count + 1


@part
def _next(net: Net, used: Flags, row: int, first: int) -> int:
    """Return the piece that goes on where another ends: the sharpest to the left, so that faces that touch part."""
    ends, place = net.ends, net.joins[row, 1]
    back = turn_of(ends[row, X0] - ends[row, X1], ends[row, Y0] - ends[row, Y1])
    found, least, at = NONE, np.inf, _first_of(net.places, place)
    while at < len(net.places) and net.places[at] == place:
        other = net.order[at]
        at += 1
        if used[other] and other != first:
            continue
        turn = back - turn_of(ends[other, X1] - ends[other, X0], ends[other, Y1] - ends[other, Y0])
        turn += 4 if turn <= 0 else 0
        if turn < least:
            found, least = other, turn
    return found


@part
def _first_of(places: Rows, place: int) -> int:
    low, high = 0, len(places)
    while low < high:
        middle = (low + high) // 2
        if places[middle] < place:
            low = middle + 1
        else:
            high = middle
    return low


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
    shell_of, sizes = np.empty(len(areas), dtype=np.int64), np.empty(len(areas), dtype=np.int64)
    for ring in range(len(areas)):
        shell_of[ring], sizes[ring] = NONE, int(areas[ring])
    order = order_of(sizes)
    for hole in range(len(areas)):
        if areas[hole] >= 0:
            continue
        x, y = _within(points, rings[hole], rings[hole + 1])
        for shell in order:
            is_larger = areas[shell] >= least and areas[shell] > -areas[hole]
            if is_larger and _is_around(points, rings[shell], rings[shell + 1], x, y):
                shell_of[hole] = shell
                break
    return shell_of


@part
def _within(points: Floats, since: int, until: int) -> tuple[float, float]:
    """Return a place inside a ring: at half its height, between the two most western edges. An edge of a hole may lie
    along one of its shell, and then on either side of it."""
    low, high = np.inf, -np.inf
    for row in range(since, until):
        low, high = min(low, points[row, 1]), max(high, points[row, 1])
    y, west, east = (low + high) / 2, np.inf, np.inf
    ax, ay = points[until - 1, 0], points[until - 1, 1]
    for row in range(since, until):
        bx, by = points[row, 0], points[row, 1]
        if (ay > y) != (by > y):
            x = ax + (y - ay) / (by - ay) * (bx - ax)
            west, east = min(west, x), min(east, max(west, x))
        ax, ay = bx, by
    return (west + east) / 2, y


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
    net, order, hole = np.empty(len(areas)), order_of(shell_of), 0
    for ring in range(len(areas)):
        net[ring] = areas[ring]
    for ring in range(len(areas)):
        if shell_of[ring] != NONE:
            net[shell_of[ring]] += areas[ring]
    corners, starts = np.empty((len(points) + len(areas), 2)), np.zeros(len(areas) + 1, dtype=np.int64)
    polygons, count, kept = np.zeros(len(areas) + 1, dtype=np.int64), 0, 0
    for shell in range(len(areas)):
        is_kept = areas[shell] > 0 and net[shell] >= least
        if is_kept:
            kept = _copy(points, rings, shell, corners, starts, kept)
        while hole < len(order) and shell_of[order[hole]] <= shell:
            if is_kept and shell_of[order[hole]] == shell:
                kept = _copy(points, rings, order[hole], corners, starts, kept)
            hole += 1
        if is_kept:
            count += 1
            polygons[count] = kept
    return corners[: starts[kept]], starts[: kept + 1], polygons[: count + 1]


@part
def _copy(points: Floats, rings: Rows, ring: int, corners: Floats, starts: Rows, kept: int) -> int:
    """Add a ring and its first corner once more; return how many there are."""
    count = starts[kept]
    for row in range(rings[ring], rings[ring + 1] + 1):
        source = row if row < rings[ring + 1] else rings[ring]
        corners[count, 0], corners[count, 1] = points[source, 0], points[source, 1]
        count += 1
    starts[kept + 1] = count
    return kept + 1
