"""How eyes stand among footprints: on open ground, on a wall or in a corner, or inside; compiled.

Whether an eye that touches several footprints at once is on a wall or inside depends on what they make together;
that is left open here (UNSURE) and decided by the union of them (gis/obstacles.py).
"""

import math
from typing import NamedTuple

import numpy as np

from gis.compiled import compiled, making, part
from gis.gather import Eye
from gis.grid import LEVELS, Floats, Grid, Rows, square_at, wide_m

WALL_M = 0.05
CORNER_M = 0.01
TOUCH_M = 1e-6
# Ends this close are one corner: else two houses that only touch are joined by a bridge of rounding, which would hide.
JOIN_M = 1e-8
OPEN, ON_WALL, INSIDE, UNSURE = range(4)


class Houses(NamedTuple):
    """Footprints by square, their boxes, and their edges: rows first[k] to first[k + 1] are those of footprint k."""

    grid: Grid
    boxes: Floats
    edges: Floats
    first: Rows
    heights_m: Floats


class Wall(NamedTuple):
    """Where on a wall an eye is put, from where it stood; `shut` holds ways x0, y0, x1, y1, counter-clockwise."""

    x: float
    y: float
    shut: Floats
    kept: Floats


@making
def _grown(rows: Rows) -> Rows:
    larger = np.empty(2 * len(rows), dtype=np.int64)
    for row in range(len(rows)):
        larger[row] = rows[row]
    return larger


@making
def _near(houses: Houses, x: float, y: float, height_m: float) -> Rows:
    """Return the footprints whose boxes come within WALL_M of a place, except those lower than the eye."""
    found, count, boxes = np.empty(8, dtype=np.int64), 0, houses.boxes
    for level in range(LEVELS):
        wide = wide_m(level)
        if not houses.grid.used[level]:
            continue
        for j in range(math.floor((y - WALL_M) / wide - 0.5), math.floor((y + WALL_M) / wide + 0.5) + 1):
            for i in range(math.floor((x - WALL_M) / wide - 0.5), math.floor((x + WALL_M) / wide + 0.5) + 1):
                square = square_at(houses.grid.slots, level, i, j)
                if square < 0:
                    continue
                for at in range(houses.grid.starts[square], houses.grid.starts[square + 1]):
                    row = houses.grid.rows[at]
                    if _is_in(boxes, row, x, y) and not houses.heights_m[row] < height_m:
                        found = found if count < len(found) else _grown(found)
                        found[count] = row
                        count += 1
    return found[:count]


@part
def _is_in(boxes: Floats, row: int, x: float, y: float) -> bool:
    in_x = boxes[row, 0] - WALL_M <= x <= boxes[row, 2] + WALL_M
    return bool(in_x and boxes[row, 1] - WALL_M <= y <= boxes[row, 3] + WALL_M)


@part
def _depth(houses: Houses, row: int, x: float, y: float) -> float:
    """Return how far a place is inside a footprint, negative outside."""
    is_inside, nearest = False, np.inf
    for edge in range(houses.first[row], houses.first[row + 1]):
        x0, y0 = houses.edges[edge, 0] - x, houses.edges[edge, 1] - y
        x1, y1 = houses.edges[edge, 2] - x, houses.edges[edge, 3] - y
        if (y0 > 0) != (y1 > 0) and (x0 * y1 - y0 * x1 > 0) == (y1 > y0):
            is_inside = not is_inside
        dx, dy = x1 - x0, y1 - y0
        share = min(max(-(x0 * dx + y0 * dy) / (dx * dx + dy * dy), 0.0), 1.0)
        nearest = min(nearest, math.hypot(x0 + share * dx, y0 + share * dy))
    return nearest if is_inside else -nearest


@making
def standing(houses: Houses, x: float, y: float, height_m: float) -> tuple[int, Rows]:
    """Return how an eye stands, and the footprints it looks past, or those it touches while that is not sure."""
    near = _near(houses, x, y, height_m)
    count, is_deep, is_far = 0, False, True
    for candidate in range(len(near)):
        depth = _depth(houses, near[candidate], x, y)
        is_deep = is_deep or depth > WALL_M
        is_far = is_far and depth < -TOUCH_M
        if depth >= -WALL_M:
            near[count] = near[candidate]
            count += 1
    if is_deep:
        return INSIDE, _holding(houses, near[:count], x, y)
    if is_far or count == 0:
        return OPEN, near[:0]
    return ON_WALL if count == 1 else UNSURE, near[:count]


@making
def _holding(houses: Houses, near: Rows, x: float, y: float) -> Rows:
    """Return those the eye is in or on; what it only comes near to keeps hiding what is behind."""
    # An eye on the wall of one house and inside another is inside both, on whichever side rounding has put it.
    count = 0
    for candidate in range(len(near)):
        if _depth(houses, near[candidate], x, y) >= -TOUCH_M:
            near[count] = near[candidate]
            count += 1
    return near[:count]


@compiled
def standings(houses: Houses, x: Floats, y: Floats, height_m: Floats) -> tuple[Rows, Rows, Rows]:
    """Return how many eyes stand: OPEN to UNSURE, and the rows of past[first[k]:first[k + 1]] they look past."""
    how, first = np.empty(len(x), dtype=np.int64), np.zeros(len(x) + 1, dtype=np.int64)
    past, count = np.empty(len(x) + 8, dtype=np.int64), 0
    for eye in range(len(x)):
        how[eye], rows = standing(houses, x[eye], y[eye], height_m[eye])
        while count + len(rows) > len(past):
            past = _grown(past)
        for row in rows:
            past[count] = row
            count += 1
        first[eye + 1] = count
    return how, first, past[:count]


@part
def _foot(walls: Floats) -> tuple[float, float, int]:
    """Return the point of the walls nearest to the eye, a corner before a wall, and the row of its wall."""
    best, foot_x, foot_y, row = np.inf, 0.0, 0.0, 0
    for wall in range(len(walls)):
        x0, y0 = walls[wall, 0], walls[wall, 1]
        dx, dy = walls[wall, 2] - x0, walls[wall, 3] - y0
        share = min(max(-(x0 * dx + y0 * dy) / (dx * dx + dy * dy), 0.0), 1.0)
        x, y = x0 + share * dx, y0 + share * dy
        if math.hypot(x, y) < best:
            best, foot_x, foot_y, row = math.hypot(x, y), x, y, wall
    best, corner = np.inf, 0
    for wall in range(len(walls)):
        apart = math.hypot(walls[wall, 0] - foot_x, walls[wall, 1] - foot_y)
        if apart < best:
            best, corner = apart, wall
    if best <= CORNER_M:
        return walls[corner, 0], walls[corner, 1], corner
    return foot_x, foot_y, row


@part
def _ends_at(walls: Floats, wall: int, end: int, x: float, y: float) -> bool:
    return math.hypot(walls[wall, 2 * end] - x, walls[wall, 2 * end + 1] - y) <= JOIN_M


@compiled
def on_wall(walls: Floats) -> Wall:
    """Put an eye at the origin on the nearest of its walls, and shut the ways into the building.

    `kept` are the walls that do not touch it there, seen from where it is now.
    """
    x, y, row = _foot(walls)
    kept, shut, count, shuts = np.empty((len(walls), 4)), np.empty((len(walls), 4)), 0, 0
    for wall in range(len(walls)):
        leaves, arrives = _ends_at(walls, wall, 0, x, y), _ends_at(walls, wall, 1, x, y)
        if leaves and not arrives:
            shut[shuts, 0], shut[shuts, 1] = walls[wall, 2] - x, walls[wall, 3] - y
            shut[shuts, 2], shut[shuts, 3] = _inner_end(walls, wall, x, y)
            shuts += 1
        elif not leaves and not arrives:
            for end in range(4):
                kept[count, end] = walls[wall, end] - (y if end % 2 else x)
            count += 1
            # The wall the eye hangs on: half of all directions lead into it.
            if wall == row and not _is_corner(walls, x, y):
                shut[shuts, 0], shut[shuts, 1] = walls[wall, 2] - x, walls[wall, 3] - y
                shut[shuts, 2], shut[shuts, 3] = walls[wall, 0] - x, walls[wall, 1] - y
                shuts += 1
                count -= 1
    return Wall(x, y, shut[:shuts], kept[:count])


@part
def _is_corner(walls: Floats, x: float, y: float) -> bool:
    found = False
    for wall in range(len(walls)):
        found = found or _ends_at(walls, wall, 0, x, y)
    return found


@part
def _inner_end(walls: Floats, wall: int, x: float, y: float) -> tuple[float, float]:
    """Return the way along the wall that ends the inner angle of a wall which leaves a corner.

    Where two rings touch in the corner, that is the next one counter-clockwise.
    """
    low = math.atan2(walls[wall, 3] - y, walls[wall, 2] - x)
    best, best_x, best_y = np.inf, 0.0, 0.0
    for other in range(len(walls)):
        if _ends_at(walls, other, 1, x, y) and not _ends_at(walls, other, 0, x, y):
            way_x, way_y = walls[other, 0] - x, walls[other, 1] - y
            turn = (math.atan2(way_y, way_x) - low) % (2 * math.pi)
            if turn < best:
                best, best_x, best_y = turn, way_x, way_y
    return best_x, best_y


@making
def moved(walls: Floats, eye: Eye) -> Floats:
    """Return walls as seen from an eye."""
    seen = np.empty((len(walls), 4))
    for wall in range(len(walls)):
        seen[wall, 0], seen[wall, 1] = walls[wall, 0] - eye.x, walls[wall, 1] - eye.y
        seen[wall, 2], seen[wall, 3] = walls[wall, 2] - eye.x, walls[wall, 3] - eye.y
    return seen


@making
def walls_of(houses: Houses, row: int, eye: Eye) -> Floats:
    """Return the edges of a footprint as seen from an eye."""
    return moved(houses.edges[houses.first[row] : houses.first[row + 1]], eye)
