"""Read the edges around one eye from the grid, from near to far, as far as anything can still be seen."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.compiled import part
from gis.grid import LEVELS, Floats, Grid, Rows, square_at, wide_m
from gis.sight import Aim, Scene, take_edge, with_room
from gis.turns import way_of

# A diagonal, and a little more than rounding takes.
_CORNER = 1.4143


class Ground(NamedTuple):
    """All edges by square, x0, y0, x1, y1 in metres, the footprint of each, and the height of every footprint."""

    grid: Grid
    edges: Floats
    owner: NDArray[np.int32]
    heights_m: Floats


class Eye(NamedTuple):
    """Where an eye is, how high (NaN unknown: it looks over no roof), and the footprints it looks past."""

    x: float
    y: float
    height_m: float
    past: Rows


class Box(NamedTuple):
    """West, south, east, north."""

    west: float
    south: float
    east: float
    north: float


@part
def box_of(aim: Aim) -> Box:
    """Return the box around the eye and everything in its aim, as seen from the eye."""
    west, south, east, north = 0.0, 0.0, 0.0, 0.0
    for corner in range(10):
        turn = aim.start if corner == 8 else aim.end if corner == 9 else float(corner)
        if aim.start <= turn <= aim.end:
            x, y = way_of(turn)
            far = aim.reach / math.sqrt(x * x + y * y)
            west, east = min(west, x * far), max(east, x * far)
            south, north = min(south, y * far), max(north, y * far)
    return Box(west, south, east, north)


@part
def _is_past(ground: Ground, edge: int, eye: Eye) -> bool:
    """Say whether the eye looks past the footprint of an edge: its own, or one lower than the eye."""
    owner = ground.owner[edge]
    for footprint in eye.past:
        if footprint == owner:
            return True
    return bool(ground.heights_m[owner] < eye.height_m)


@part
def _take_square(ground: Ground, square: int, eye: Eye, aim: Aim, scene: Scene, count: int) -> tuple[Scene, int]:
    edges = ground.edges
    for edge in range(ground.grid.starts[square], ground.grid.starts[square + 1]):
        x0, y0, x1, y1 = edges[edge, 0] - eye.x, edges[edge, 1] - eye.y, edges[edge, 2] - eye.x, edges[edge, 3] - eye.y
        if x0 * y1 - y0 * x1 < 0 and not _is_past(ground, edge, eye):
            scene = with_room(scene, count)
            count = take_edge(scene, count, x0, y0, x1, y1, aim)
    return scene, count


@part
def _may_matter(x: float, y: float, wide: float, aim: Aim) -> bool:
    """Say whether boxes whose middles lie in a square `wide` metres wide around x, y can reach into the aim."""
    corner = wide * _CORNER
    if x * x + y * y > (aim.reach + corner) ** 2:
        return False
    if aim.end - aim.start > 2:
        return True
    for turn, side in ((aim.start, 1.0), (aim.end, -1.0)):
        way_x, way_y = way_of(turn)
        if side * (way_x * y - way_y * x) < -corner * math.sqrt(way_x * way_x + way_y * way_y):
            return False
    return True


@part
def _take_ring(
    ground: Ground, level: int, ring: int, box: Box, eye: Eye, aim: Aim, scene: Scene, count: int
) -> tuple[Scene, int]:
    """Take what lies in the squares that are `ring` squares away from that of the eye."""
    wide = wide_m(level)
    column, row = math.floor(eye.x / wide), math.floor(eye.y / wide)
    south = max(row - ring, math.floor((eye.y + box.south) / wide - 0.5))
    north = min(row + ring, math.floor((eye.y + box.north) / wide + 0.5))
    west = math.floor((eye.x + box.west) / wide - 0.5)
    east = math.floor((eye.x + box.east) / wide + 0.5)
    for j in range(south, north + 1):
        step = 1 if abs(j - row) == ring else 2 * ring
        for i in range(column - ring, column + ring + 1, step):
            if west <= i <= east and _may_matter((i + 0.5) * wide - eye.x, (j + 0.5) * wide - eye.y, wide, aim):
                square = square_at(ground.grid.slots, level, i, j)
                if square >= 0:
                    scene, count = _take_square(ground, square, eye, aim, scene, count)
    return scene, count


@part
def _farthest(depth: Floats) -> float:
    far = 0.0
    for bucket in range(len(depth)):
        far = max(far, depth[bucket])
    return far


@part
def gather(ground: Ground, eye: Eye, aim: Aim, scene: Scene, count: int) -> tuple[Scene, int]:
    """Add to a scene the edges that may hide something in the aim of an eye."""
    box = box_of(aim)
    for back in range(LEVELS):
        level = LEVELS - 1 - back
        wide = wide_m(level)
        if not ground.grid.used[level]:
            continue
        rings = int(aim.reach / wide) + 2
        if rings * rings > len(ground.grid.starts):
            return _take_all(ground, eye, aim, scene, count)
        for ring in range(rings + 1):
            near = max(0.0, (ring - 1.5) * wide)
            if near * near > _farthest(scene.depth):
                break
            scene, count = _take_ring(ground, level, ring, box, eye, aim, scene, count)
    return scene, count


@part
def _take_all(ground: Ground, eye: Eye, aim: Aim, scene: Scene, count: int) -> tuple[Scene, int]:
    for square in range(len(ground.grid.starts) - 1):
        scene, count = _take_square(ground, square, eye, aim, scene, count)
    return scene, count


@part
def knows_buildings(ground: Ground, eye: Eye, aim: Aim) -> bool:
    """Say whether any footprint has an edge in the box around the eye and its aim."""
    box = box_of(aim)
    found = False
    for level in range(LEVELS):
        found = found or (ground.grid.used[level] and _has_edges(ground, level, box, eye))
    return found


@part
def _has_edges(ground: Ground, level: int, box: Box, eye: Eye) -> bool:
    wide = wide_m(level)
    west, east = math.floor((eye.x + box.west) / wide - 0.5), math.floor((eye.x + box.east) / wide + 0.5)
    south, north = math.floor((eye.y + box.south) / wide - 0.5), math.floor((eye.y + box.north) / wide + 0.5)
    if (east - west + 1) * (north - south + 1) > len(ground.grid.starts):
        return _square_has_edges(ground, 0, len(ground.grid.starts) - 1, box, eye)
    for j in range(south, north + 1):
        for i in range(west, east + 1):
            square = square_at(ground.grid.slots, level, i, j)
            if square >= 0 and _square_has_edges(ground, square, square + 1, box, eye):
                return True
    return False


@part
def _square_has_edges(ground: Ground, square: int, end: int, box: Box, eye: Eye) -> bool:
    edges = ground.edges
    for edge in range(ground.grid.starts[square], ground.grid.starts[end]):
        beside_x = (
            max(edges[edge, 0], edges[edge, 2]) < eye.x + box.west
            or min(edges[edge, 0], edges[edge, 2]) > eye.x + box.east
        )
        beside_y = (
            max(edges[edge, 1], edges[edge, 3]) < eye.y + box.south
            or min(edges[edge, 1], edges[edge, 3]) > eye.y + box.north
        )
        if not beside_x and not beside_y:
            return True
    return False
