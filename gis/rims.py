"""Outlines of what is seen as rings of points; compiled.

An arc becomes a polyline that deviates from it by at most ARC_TOLERANCE_M, with its radius chosen so that the
polyline encloses exactly the area of the circular sector.
"""

import math
from typing import NamedTuple

import numpy as np

from gis.compiled import compiled, making, part
from gis.grid import Floats, Rows
from gis.sight import ON_ARC, R_SINCE, R_UNTIL, SINCE, UNTIL
from gis.turns import FULL_TURN

ARC_TOLERANCE_M = 0.001
# Stretches this close together touch: hairs between them were left out.
TOUCH_RAD = 1e-9
CLOSE_M = 1e-8


class Rims(NamedTuple):
    """Rings of points around eyes, as ragged arrays.

    View k has the parts parts[k] to parts[k + 1], part p the rings rings[p] to rings[p + 1], of which a second one is
    a hole, and ring r the points ends[r] to ends[r + 1].
    """

    points: Floats
    ends: Rows
    rings: Rows
    parts: Rows


class Pen(NamedTuple):
    """Where the points of a ring are placed: around x, y, with angles from `start`, from row `first` on."""

    x: float
    y: float
    start: float
    first: int


class Extent(NamedTuple):
    """How far a view goes, and whether it runs all round without an end."""

    reach: float
    near: float
    is_round: bool


@part
def _point(points: Floats, at: int, pen: Pen, angle: float, distance: float) -> int:
    points[at, 0] = pen.x + math.cos(angle + pen.start) * distance
    points[at, 1] = pen.y + math.sin(angle + pen.start) * distance
    # Neighbouring stretches share a point.
    is_new = at == pen.first or points[at, 0] != points[at - 1, 0] or points[at, 1] != points[at - 1, 1]
    return at + 1 if is_new else at


@part
def steps_of(turn: float, radius: float) -> int:
    """Return into how many straight pieces an arc is cut."""
    # With steps of `step` the corners lie radius·step²/12 outside the arc, the middles half as much inside.
    step = math.sqrt(12 * ARC_TOLERANCE_M / radius)
    return max(1, math.ceil(turn / min(step, math.pi / 8)))


@part
def _arc(points: Floats, at: int, pen: Pen, since: float, until: float, radius: float) -> int:
    """Add the points of an arc, which may run either way."""
    steps = steps_of(abs(until - since), radius)
    turn = (until - since) / steps
    even = radius * math.sqrt(turn / math.sin(turn)) if turn != 0 else radius
    for step in range(steps):
        at = _point(points, at, pen, since + step * turn, even)
    return _point(points, at, pen, until, even)


@part
def _closed(points: Floats, at: int, first: int) -> int:
    """Close a ring; a last point that is its first but for rounding becomes it."""
    apart = math.hypot(points[at - 1, 0] - points[first, 0], points[at - 1, 1] - points[first, 1])
    at = at - 1 if apart < CLOSE_M and at - first > 3 else at
    points[at, 0], points[at, 1] = points[first, 0], points[first, 1]
    return at + 1


@part
def _most_points(rows: Floats, first: int, end: int, reach: float, near: float) -> int:
    """Return a number of points that is enough for the outline of some stretches."""
    count = 8
    for row in range(first, end):
        turn = rows[row, UNTIL] - rows[row, SINCE]
        count += 5 + (steps_of(turn, reach) if rows[row, ON_ARC] else 0) + (steps_of(turn, near) + 2 if near > 0 else 0)
    return count + (steps_of(FULL_TURN, near) if near > 0 else 0)


@making
def _with_room(points: Floats, at: int, more: int) -> Floats:
    if at + more <= len(points):
        return points
    larger = np.empty((2 * len(points) + more, 2))
    for point in range(at):
        larger[point, 0], larger[point, 1] = points[point, 0], points[point, 1]
    return larger


@part
def _run_end(rows: Floats, row: int, end: int) -> int:
    """Return the row after the last that touches the one before."""
    row += 1
    while row < end and rows[row, SINCE] - rows[row - 1, UNTIL] <= TOUCH_RAD:
        row += 1
    return row


@part
def _rim(points: Floats, at: int, pen: Pen, rows: Floats, first: int, end: int, reach: float) -> int:
    for row in range(first, end):
        if rows[row, ON_ARC]:
            at = _arc(points, at, pen, rows[row, SINCE], rows[row, UNTIL], reach)
        else:
            at = _point(points, at, pen, rows[row, SINCE], rows[row, R_SINCE])
            at = _point(points, at, pen, rows[row, UNTIL], rows[row, R_UNTIL])
    return at


@part
def _back(points: Floats, at: int, pen: Pen, since: float, until: float, near: float) -> int:
    """Go back along the near blind zone, or through the eye."""
    return _arc(points, at, pen, until, since, near) if near > 0 else _point(points, at, pen, 0.0, 0.0)


@making
def _heads(rows: Floats, first: int, end: int) -> Rows:
    """Return where the runs of stretches begin that have no gap between them, and the end of the last."""
    heads, count, row = np.empty(end - first + 1, dtype=np.int64), 0, first
    while row < end:
        heads[count] = row
        count += 1
        row = _run_end(rows, row, end)
    heads[count] = end
    return heads[: count + 1]


@part
def _is_round(rows: Floats, first: int, end: int, width: float) -> bool:
    """Say whether the last stretch goes on where the first begins."""
    starts, ends = rows[first, SINCE] <= TOUCH_RAD, rows[end - 1, UNTIL] >= FULL_TURN - TOUCH_RAD
    return width >= FULL_TURN and starts and ends


@part
def _ring(points: Floats, at: int, pen: Pen, rows: Floats, heads: Rows, run: int, extent: Extent) -> int:
    """Draw one run, with the first run after the last where they touch across the start."""
    at = _rim(points, at, pen, rows, heads[run], heads[run + 1], extent.reach)
    since, until = rows[heads[run], SINCE], rows[heads[run + 1] - 1, UNTIL]
    if extent.is_round and len(heads) == 2:
        return _closed(points, at, pen.first)
    if extent.is_round and run == len(heads) - 2:
        at = _rim(points, at, pen, rows, heads[0], heads[1], extent.reach)
        until = FULL_TURN + rows[heads[1] - 1, UNTIL]
    return _closed(points, _back(points, at, pen, since, until, extent.near), pen.first)


@compiled
def rims_of(rows: Floats, first: Rows, pens: Floats, fans: Floats) -> Rims:
    """Return the outlines of views: stretches first[k] to first[k + 1] of `rows` belong to view k.

    `pens` holds x, y and start of every view, `fans` its width, reach and near.
    """
    points, at = np.empty((256, 2)), 0
    ends, rings = np.zeros(len(rows) + 1 + 2 * len(pens), dtype=np.int64), 0
    part_rings, parts = np.zeros(len(ends), dtype=np.int64), 0
    view_parts = np.zeros(len(pens) + 1, dtype=np.int64)
    for view in range(len(pens)):
        x, y, start = pens[view, 0], pens[view, 1], pens[view, 2]
        heads = _heads(rows, first[view], first[view + 1])
        is_round = len(heads) > 1 and _is_round(rows, heads[0], heads[-1], fans[view, 0])
        extent = Extent(fans[view, 1], fans[view, 2], is_round)
        points = _with_room(points, at, _most_points(rows, first[view], first[view + 1], extent.reach, extent.near))
        for run in range(1 if is_round and len(heads) > 2 else 0, len(heads) - 1):
            at = _ring(points, at, Pen(x, y, start, at), rows, heads, run, extent)
            rings, parts = rings + 1, parts + 1
            ends[rings] = at
            if is_round and len(heads) == 2 and extent.near > 0:
                at = _closed(points, _arc(points, at, Pen(x, y, start, at), 0.0, FULL_TURN, extent.near), ends[rings])
                rings += 1
                ends[rings] = at
            part_rings[parts] = rings
        view_parts[view + 1] = parts
    return Rims(points[:at], ends[: rings + 1], part_rings[: parts + 1], view_parts)
