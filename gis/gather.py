"""Read the edges around one eye from the grid, from near to far, as far as anything can still be seen."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.compiled import making, part
from gis.envelope import HAIR, SHUT, nearest, spans_for
from gis.grid import LEVELS, Floats, Grid, Rows, square_at, wide_m
from gis.sight import Aim, Scene, after, is_hidden, square_away, take_edge, with_room
from gis.turns import turn_of, way_of

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
    if len(eye.past) == 0 and not eye.height_m > -np.inf:
        return False
    owner = ground.owner[edge]
    for footprint in eye.past:
        if footprint == owner:
            return True
    return bool(ground.heights_m[owner] < eye.height_m)


@part
def _take_edges(ground: Ground, at: int, end: int, eye: Eye, aim: Aim, scene: Scene, count: int) -> tuple[int, int]:
    """Take edges while there is room; return how many spans there are, and which edge is next."""
    edges, most = ground.edges, len(scene.edges) - 2
    while at < end and count <= most:
        x0, y0, x1, y1 = edges[at, 0] - eye.x, edges[at, 1] - eye.y, edges[at, 2] - eye.x, edges[at, 3] - eye.y
        if x0 * y1 - y0 * x1 < 0 and not _is_past(ground, at, eye):
            count = take_edge(scene, count, x0, y0, x1, y1, aim)
        at += 1
    return count, at


@part
def _take_squares(
    ground: Ground, squares: Rows, many: int, at: int, edge: int, eye: Eye, aim: Aim, scene: Scene, count: int
) -> tuple[int, int, int]:
    """Take the edges of squares while there is room; return how many spans there are, and where to go on."""
    starts, most = ground.grid.starts, len(scene.edges) - 2
    while at < many and count <= most:
        end = starts[squares[at] + 1]
        count, edge = _take_edges(ground, max(edge, starts[squares[at]]), end, eye, aim, scene, count)
        if edge >= end:
            at, edge = at + 1, 0
    return count, at, edge


@making
def _take(ground: Ground, squares: Rows, many: int, eye: Eye, aim: Aim, scene: Scene, count: int) -> tuple[Scene, int]:
    """Take the edges of the first squares of a list, and more room where it is needed."""
    at, edge = 0, 0
    while at < many:
        scene = with_room(scene, count)
        count, at, edge = _take_squares(ground, squares, many, at, edge, eye, aim, scene, count)
    return with_room(scene, count), count


@part
def _may_matter(scene: Scene, x: float, y: float, wide: float, aim: Aim) -> bool:
    """Say whether boxes whose middles lie in a square `wide` metres wide around x, y may be seen."""
    corner, far = wide * _CORNER, math.sqrt(x * x + y * y)
    if far > aim.reach + corner:
        return False
    if far < 2 * corner:
        return True
    # Up to half a right angle either way, the angle is at most 1.05 times its sine, and a turn at most its angle.
    turn, half = after(turn_of(x, y), aim), 1.05 * corner / far
    if turn - half < aim.start or turn + half > aim.start + 4:
        return True
    until = min(turn + half, aim.end)
    return turn - half < until and not is_hidden(scene, turn - half, until, (far - corner) ** 2, aim)


@part
def _ring(ground: Ground, level: int, ring: int, box: Box, eye: Eye, aim: Aim, scene: Scene, squares: Rows) -> int:
    """List the squares that are `ring` squares away from that of the eye and may be seen; return how many."""
    wide, many, starts = wide_m(level), 0, ground.grid.starts
    column, row = math.floor(eye.x / wide), math.floor(eye.y / wide)
    south = max(row - ring, math.floor((eye.y + box.south) / wide - 0.5))
    north = min(row + ring, math.floor((eye.y + box.north) / wide + 0.5))
    west = math.floor((eye.x + box.west) / wide - 0.5)
    east = math.floor((eye.x + box.east) / wide + 0.5)
    for j in range(south, north + 1):
        step = 1 if abs(j - row) == ring else 2 * ring
        for i in range(column - ring, column + ring + 1, step):
            if west <= i <= east and _may_matter(scene, (i + 0.5) * wide - eye.x, (j + 0.5) * wide - eye.y, wide, aim):
                square = square_at(ground.grid.slots, level, i, j)
                if square >= 0 and starts[square] < starts[square + 1]:
                    squares[many] = square
                    many += 1
    return many


@part
def _farthest(depth: Floats) -> float:
    far = 0.0
    for bucket in range(len(depth)):
        far = max(far, depth[bucket])
    return far


@making
def _settled(scene: Scene, count: int, aim: Aim) -> tuple[Scene, int]:
    """Keep only what is nearest so far, and how far can be seen past it."""
    spans, count = nearest(scene.edges, scene.spans, count)
    edges, turn, depth = np.empty((2 * count + 64, 4)), aim.start, scene.depth
    kept = spans_for(len(edges))
    for bucket in range(len(depth)):
        depth[bucket] = 0.0
    for span in range(count):
        since, until, edge = spans.since[span], spans.until[span], spans.edge[span]
        if since > turn + HAIR:
            _deepen(depth, turn, since, aim.reach * aim.reach, aim)
        turn = until
        _deepen_to_edge(scene, since, until, edge, aim)
        kept.since[span], kept.until[span], kept.edge[span] = since, until, edge if edge == SHUT else span
        for column in range(4 if edge != SHUT else 0):
            edges[span, column] = scene.edges[edge, column]
    if aim.end > turn + HAIR:
        _deepen(depth, turn, aim.end, aim.reach * aim.reach, aim)
    return Scene(edges, kept, depth), count


@part
def _deepen(depth: Floats, since: float, until: float, far: float, aim: Aim) -> None:
    """Let all buckets of a stretch be at least that deep."""
    scale = len(depth) / (aim.end - aim.start)
    last = min(int((until - aim.start) * scale), len(depth) - 1)
    for bucket in range(int((since - aim.start) * scale), last + 1):
        depth[bucket] = max(depth[bucket], far)


@part
def _deepen_to_edge(scene: Scene, since: float, until: float, edge: int, aim: Aim) -> None:
    """Let all buckets of a stretch be at least as deep as its edge is away."""
    depth = scene.depth
    scale = len(depth) / (aim.end - aim.start)
    last, before = min(int((until - aim.start) * scale), len(depth) - 1), square_away(scene, edge, since)
    for bucket in range(int((since - aim.start) * scale), last + 1):
        after_it = square_away(scene, edge, min(until, aim.start + (bucket + 1) / scale))
        depth[bucket] = max(depth[bucket], max(before, after_it))
        before = after_it


@making
def gather(ground: Ground, eye: Eye, aim: Aim, scene: Scene, count: int) -> tuple[Scene, int]:
    """Add to a scene the edges that may hide something in the aim of an eye."""
    box, settled = box_of(aim), 0
    for back in range(LEVELS):
        level = LEVELS - 1 - back
        wide = wide_m(level)
        if not ground.grid.used[level]:
            continue
        rings = int(aim.reach / wide) + 2
        if rings * rings > len(ground.grid.starts):
            every = np.arange(len(ground.grid.starts) - 1)
            return _take(ground, every, len(every), eye, aim, scene, count)
        squares = np.empty(8 * rings + 1, dtype=np.int64)
        for ring in range(rings + 1):
            near = max(0.0, (ring - 1.5) * wide)
            if near * near > _farthest(scene.depth):
                break
            if count > 2 * settled + 24:
                scene, count = _settled(scene, count, aim)
                settled = count
            many = _ring(ground, level, ring, box, eye, aim, scene, squares)
            scene, count = _take(ground, squares, many, eye, aim, scene, count)
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
