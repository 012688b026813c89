"""Which rings of points are sound outlines of a surface, tried on a million at once; compiled.

Only what is sound beyond doubt is called so. The rest is left to those who decide exactly, and repair.
"""

import math

import numpy as np
from numpy.typing import NDArray

from gis.compiled import compiled, part
from gis.grid import FARTHEST_M, Floats, Rows

# The solid lies on the left, on the right, or the ring needs a closer look.
LEFT, RIGHT, DOUBT = range(3)
MOST_CORNERS = 40
# Nearer than this, rounding may decide whether lines meet.
_CLEAR_M = 1e-6


@part
def _is_beside(points: Floats, one: int, other: int) -> bool:
    """Say whether an edge lies clearly on one side of the line of another."""
    x, y = points[one, 0], points[one, 1]
    dx, dy = points[one + 1, 0] - x, points[one + 1, 1] - y
    first = dx * (points[other, 1] - y) - dy * (points[other, 0] - x)
    last = dx * (points[other + 1, 1] - y) - dy * (points[other + 1, 0] - x)
    clear = _CLEAR_M * math.hypot(dx, dy)
    return bool((first > clear and last > clear) or (first < -clear and last < -clear))


@part
def _is_corner(points: Floats, before: int, after: int) -> bool:
    """Say whether two edges, of which the second goes on where the first ends, have a length and do not fold back."""
    ax, ay = points[before + 1, 0] - points[before, 0], points[before + 1, 1] - points[before, 1]
    bx, by = points[after + 1, 0] - points[after, 0], points[after + 1, 1] - points[after, 1]
    longer = max(math.hypot(ax, ay), math.hypot(bx, by))
    if not min(math.hypot(ax, ay), math.hypot(bx, by)) > _CLEAR_M:
        return False
    return bool(ax * bx + ay * by > 0 or abs(ax * by - ay * bx) > _CLEAR_M * longer)


@part
def _is_simple(points: Floats, first: int, last: int) -> bool:
    """Say whether a ring from its first point to the last, which is the same, is clear of itself."""
    for edge in range(first, last):
        if not _is_corner(points, last - 1 if edge == first else edge - 1, edge):
            return False
        for other in range(edge + 2, last - 1 if edge == first else last):
            if not _is_beside(points, edge, other) and not _is_beside(points, other, edge):
                return False
    return True


@part
def _side_of(points: Floats, first: int, last: int) -> int:
    area, size = 0.0, 0.0
    x, y = points[first, 0], points[first, 1]
    for at in range(first, last):
        x0, y0, x1, y1 = points[at, 0] - x, points[at, 1] - y, points[at + 1, 0] - x, points[at + 1, 1] - y
        area += x0 * y1 - y0 * x1
        size = max(size, max(abs(points[at, 0]), abs(points[at, 1])))
    if not (size <= FARTHEST_M and abs(area) > _CLEAR_M) or not _is_simple(points, first, last):
        return DOUBT
    return LEFT if area > 0 else RIGHT


@compiled
def sides_of(points: Floats, first: Rows) -> NDArray[np.int8]:
    """Return LEFT, RIGHT or DOUBT for every ring; ring k is points first[k] to first[k + 1], closed."""
    sides = np.empty(len(first) - 1, dtype=np.int8)
    for ring in range(len(sides)):
        corners = first[ring + 1] - first[ring] - 1
        is_small = 3 <= corners <= MOST_CORNERS
        sides[ring] = _side_of(points, first[ring], first[ring + 1] - 1) if is_small else DOUBT
    return sides


@compiled
def edges_of(points: Floats, first: Rows, sides: NDArray[np.int8]) -> tuple[Floats, Rows]:
    """Return the edges of the rings without doubt, solid on the left, and where those of each begin."""
    count, at = 0, 0
    for ring in range(len(sides)):
        count += first[ring + 1] - first[ring] - 1 if sides[ring] != DOUBT else 0
    edges, begins, rings = np.empty((count, 4)), np.zeros(len(first), dtype=np.int64), 0
    for ring in range(len(sides)):
        if sides[ring] == DOUBT:
            continue
        for point in range(first[ring], first[ring + 1] - 1):
            # Turned around, the edges of a ring may stay in their order.
            head, tail = (point, point + 1) if sides[ring] == LEFT else (point + 1, point)
            edges[at, 0], edges[at, 1] = points[head, 0], points[head, 1]
            edges[at, 2], edges[at, 3] = points[tail, 0], points[tail, 1]
            at += 1
        rings += 1
        begins[rings] = at
    return edges, begins[: rings + 1]
