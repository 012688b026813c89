"""What many eyes see between the edges of a ground, a chunk at a time; compiled, and without shapely."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.compiled import compiled, making, part
from gis.envelope import nearest
from gis.gather import Eye, Ground, gather, knows_buildings
from gis.grid import Floats, Rows
from gis.sight import Aim, Scene, aim_of, area_of, note_stretches, scene_for, take_edge, take_shut, with_room
from gis.stands import ON_WALL, Houses, moved, on_wall, walls_of

# Around an eye, edges are taken ring by ring.
RINGS = 16
# Columns of the table of eyes.
X, Y, START, WIDTH, REACH, NEAR, HEIGHT = range(7)


class Stands(NamedTuple):
    """How eyes stand, the footprints each looks past, and the walls of those that touch several footprints at once.

    Eye k looks past the footprints past[first[k]:first[k + 1]] and hangs on walls[wall_first[k]:wall_first[k + 1]], or
    on its one footprint where those are none.
    """

    how: Rows
    first: Rows
    past: Rows
    wall_first: Rows
    walls: Floats


class Sights(NamedTuple):
    """What eyes see: stretches first[k] to first[k + 1] of `rows`, areas, where they were put, if there are walls."""

    rows: Floats
    first: Rows
    area_m2: Floats
    places: Floats
    knows: NDArray[np.bool_]


@making
def _more_rows(rows: Floats, at: int, more: int) -> Floats:
    if at + more <= len(rows):
        return rows
    larger = np.empty((2 * len(rows) + more, rows.shape[1]))
    for row in range(at):
        for column in range(rows.shape[1]):
            larger[row, column] = rows[row, column]
    return larger


@making
def _hang(ground: Ground, houses: Houses, stands: Stands, row: int, eye: Eye, aim: Aim) -> tuple[Scene, int, Eye]:
    """Return the scene of an eye on a wall so far, and the eye where it is put."""
    scene, count = scene_for(aim), 0
    walls = moved(stands.walls[stands.wall_first[row] : stands.wall_first[row + 1]], eye)
    if len(walls) == 0:
        walls = walls_of(houses, eye.past[0], eye)
    wall = on_wall(walls)
    for shut in range(len(wall.shut)):
        scene = with_room(scene, count)
        count = take_shut(
            scene, count, wall.shut[shut, 0], wall.shut[shut, 1], wall.shut[shut, 2], wall.shut[shut, 3], aim
        )
    for edge in range(len(wall.kept)):
        scene = with_room(scene, count)
        count = take_edge(
            scene, count, wall.kept[edge, 0], wall.kept[edge, 1], wall.kept[edge, 2], wall.kept[edge, 3], aim
        )
    return scene, count, Eye(eye.x + wall.x, eye.y + wall.y, eye.height_m, eye.past)


@compiled
def look(ground: Ground, houses: Houses, eyes: Floats, stands: Stands) -> Sights:
    """Return what eyes see; `eyes` has the columns X to HEIGHT, metres and radians from east."""
    count_eyes = len(eyes)
    rows, at = np.empty((8 * count_eyes + 16, 5)), 0
    first, area = np.zeros(count_eyes + 1, dtype=np.int64), np.zeros(count_eyes)
    places, knows = np.empty((count_eyes, 2)), np.zeros(count_eyes, dtype=np.bool_)
    for row in range(count_eyes):
        aim = aim_of(eyes[row, START], eyes[row, WIDTH], eyes[row, REACH], eyes[row, NEAR])
        eye = Eye(eyes[row, X], eyes[row, Y], eyes[row, HEIGHT], stands.past[stands.first[row] : stands.first[row + 1]])
        if stands.how[row] == ON_WALL:
            scene, count, eye = _hang(ground, houses, stands, row, eye, aim)
            knows[row] = True
        else:
            scene, count = scene_for(aim), 0
        scene, count = gather(ground, eye, aim, scene, count)
        knows[row] = knows[row] or count > 0 or knows_buildings(ground, eye, aim)
        places[row, 0], places[row, 1] = eye.x, eye.y
        spans, count = nearest(scene.edges, scene.spans, count)
        rows = _more_rows(rows, at, 3 * count + 1)
        begin, at = at, note_stretches(scene.edges, spans, count, aim, rows, at)
        first[row + 1], area[row] = at, area_of(rows, begin, at, aim)
    return Sights(rows[:at], first, area, places, knows)


@making
def _outwards(edges: Floats) -> Rows:
    """Return the rows of edges, roughly the nearer ones first: what they hide is put aside unread."""
    ring, farthest = np.empty(len(edges), dtype=np.int64), 0.0
    for row in range(len(edges)):
        farthest = max(farthest, edges[row, 0] * edges[row, 0] + edges[row, 1] * edges[row, 1])
    starts, order = np.zeros(RINGS + 2, dtype=np.int64), np.empty(len(edges), dtype=np.int64)
    for row in range(len(edges)):
        square = edges[row, 0] * edges[row, 0] + edges[row, 1] * edges[row, 1]
        ring[row] = int(math.sqrt(square / farthest) * RINGS) if farthest > 0 else 0
        starts[ring[row] + 1] += 1
    for outer in range(1, RINGS + 2):
        starts[outer] += starts[outer - 1]
    for row in range(len(edges)):
        order[starts[ring[row]]] = row
        starts[ring[row]] += 1
    return order


@part
def _take_in_order(edges: Floats, order: Rows, at: int, aim: Aim, scene: Scene, count: int) -> tuple[int, int]:
    """Take edges while there is room; return how many spans there are, and which is next."""
    most = len(scene.edges) - 2
    while at < len(order) and count <= most:
        row = order[at]
        count = take_edge(scene, count, edges[row, 0], edges[row, 1], edges[row, 2], edges[row, 3], aim)
        at += 1
    return count, at


@compiled
def look_between(edges: Floats, shut: Floats, start: float, width: float, reach: float, near: float) -> Floats:
    """Return the stretches one eye at the origin sees between edges; `shut` holds ways x0, y0, x1, y1."""
    aim = aim_of(start, width, reach, near)
    scene, count = scene_for(aim), 0
    for row in range(len(shut)):
        scene = with_room(scene, count)
        count = take_shut(scene, count, shut[row, 0], shut[row, 1], shut[row, 2], shut[row, 3], aim)
    order, at = _outwards(edges), 0
    while at < len(order):
        scene = with_room(scene, count)
        count, at = _take_in_order(edges, order, at, aim, scene, count)
    spans, count = nearest(scene.edges, scene.spans, count)
    rows = np.empty((3 * count + 1, 5))
    return rows[: note_stretches(scene.edges, spans, count, aim, rows, 0)]
