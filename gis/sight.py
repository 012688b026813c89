"""Which edges may hide something from one eye, and what is seen between them; compiled, no CRS, no cameras.

The eye is the origin. Edges run so that the solid lies on their left, so only edges that run clockwise around the eye
can stop a ray. Turns are those of gis/turns.py; angles are in radians from the start of the fan.
"""

import math
from typing import NamedTuple

import numpy as np

from gis.compiled import making, part
from gis.envelope import HAIR, SHUT, Floats, Spans, away, spans_for
from gis.turns import FULL_TURN, radians_of, turn_of, way_of

# Buckets of directions a quarter turn, in which edges behind nearer ones are put aside unread.
BUCKETS = 48
# Columns of a stretch: it ends on the arc of the reach where the last one is 1.
SINCE, UNTIL, R_SINCE, R_UNTIL, ON_ARC = range(5)


class Aim(NamedTuple):
    """Directions and distances an eye covers: turns from `start` to `end`, `width` in radians, metres."""

    start: float
    end: float
    width: float
    reach: float
    near: float


class Scene(NamedTuple):
    """Facing edges, turned to run counter-clockwise, with the turns they span inside the aim.

    Nothing beyond the square root of depth[k] is seen anywhere in bucket k.
    """

    edges: Floats
    spans: Spans
    depth: Floats


@part
def aim_of(start: float, width: float, reach: float, near: float) -> Aim:
    """Return the aim of a fan that begins `start` radians from east and is `width` radians wide."""
    if width >= FULL_TURN:
        since = turn_of(math.cos(start), math.sin(start)) % 4
        return Aim(since, since + 4, FULL_TURN, reach, near)
    since = turn_of(math.cos(start), math.sin(start)) % 4
    until = turn_of(math.cos(start + width), math.sin(start + width))
    # Rounding must not make a full turn of nothing, nor nothing of nearly a full turn.
    until += 4 * np.rint((since + width * 4 / FULL_TURN - until) / 4)
    return Aim(since, min(max(until, since), since + 4), width, reach, near)


@making
def scene_for(aim: Aim) -> Scene:
    """Return an empty scene."""
    depth = np.empty(math.ceil((aim.end - aim.start) * BUCKETS))
    for bucket in range(len(depth)):
        depth[bucket] = aim.reach * aim.reach
    return Scene(np.empty((64, 4)), spans_for(64), depth)


@making
def with_room(scene: Scene, count: int) -> Scene:
    """Return the scene itself, or one with room for two more edges."""
    if count + 2 <= len(scene.edges):
        return scene
    edges, spans = np.empty((4 * count, 4)), spans_for(4 * count)
    given = scene.spans
    # Loops compile in a tenth of the time slices take.
    for row in range(count):
        for column in range(4):
            edges[row, column] = scene.edges[row, column]
        spans.since[row], spans.until[row], spans.edge[row] = given.since[row], given.until[row], given.edge[row]
    return Scene(edges, spans, scene.depth)


@part
def after(turn: float, aim: Aim) -> float:
    """Return a turn from 0 to 4 as one from the start of the aim on."""
    return turn + 4 if turn < aim.start else turn


@part
def is_hidden(scene: Scene, since: float, until: float, nearest: float, aim: Aim) -> bool:
    """Say whether nothing can be seen in a stretch from the square root of `nearest` on."""
    scale = len(scene.depth) / (aim.end - aim.start)
    last = min(int((until - aim.start) * scale), len(scene.depth) - 1)
    for bucket in range(int((since - aim.start) * scale), last + 1):
        if nearest < scene.depth[bucket] * (1 + 1e-9):
            return False
    return True


@part
def square_away(scene: Scene, edge: int, turn: float) -> float:
    """Return the square of the distance to an edge in a direction, 0 where it is shut."""
    if edge == SHUT:
        return 0.0
    x, y = way_of(turn)
    times = away(scene.edges, edge, x, y)
    return times * times * (x * x + y * y)


@part
def _cover(scene: Scene, since: float, until: float, edge: int, aim: Aim) -> None:
    """Remember how far can be seen at most in the buckets an edge spans as a whole."""
    scale = len(scene.depth) / (aim.end - aim.start)
    first, last = math.ceil((since - aim.start) * scale), int((until - aim.start) * scale)
    if last <= first:
        return
    before = square_away(scene, edge, aim.start + first / scale)
    for bucket in range(first, last):
        after = square_away(scene, edge, aim.start + (bucket + 1) / scale)
        scene.depth[bucket] = min(scene.depth[bucket], max(before, after))
        before = after


@part
def _add(scene: Scene, count: int, since: float, until: float, edge: int, aim: Aim) -> int:
    until = min(until, aim.end)
    if until <= since:
        return count
    scene.spans.since[count], scene.spans.until[count], scene.spans.edge[count] = since, until, edge
    _cover(scene, since, until, edge, aim)
    return count + 1


@part
def take_shut(scene: Scene, count: int, x0: float, y0: float, x1: float, y1: float, aim: Aim) -> int:
    """Shut the directions counter-clockwise from x0, y0 to x1, y1; return how many spans there are."""
    low, high = after(turn_of(x0, y0), aim), after(turn_of(x1, y1), aim)
    if low < high:
        return _add(scene, count, low, high, SHUT, aim)
    count = _add(scene, count, low, aim.start + 4, SHUT, aim)
    return _add(scene, count, aim.start, high, SHUT, aim)


@part
def take_edge(scene: Scene, count: int, x0: float, y0: float, x1: float, y1: float, aim: Aim) -> int:
    """Add an edge to a scene with room if it may hide anything; return how many spans there are."""
    if x0 * y1 - y0 * x1 >= 0:
        return count
    x0, y0, x1, y1, meets = _in_reach(x1, y1, x0, y0, aim.reach)
    if not meets:
        return count
    low, high = after(turn_of(x0, y0), aim), after(turn_of(x1, y1), aim)
    span = high - low if high >= low else high - low + 4
    # An edge seen end on may come out as a full turn by rounding; it hides nothing.
    if not span <= 2 + HAIR:
        return count
    nearest = _square_to(x0, y0, x1, y1)
    edges = scene.edges
    if low <= high:
        if low >= aim.end or is_hidden(scene, low, min(high, aim.end), nearest, aim):
            return count
        edges[count, 0], edges[count, 1], edges[count, 2], edges[count, 3] = x0, y0, x1, y1
        return _add(scene, count, low, high, count, aim)
    edges[count, 0], edges[count, 1], edges[count, 2], edges[count, 3] = x0, y0, x1, y1
    count = _add(scene, count, low, aim.start + 4, count, aim)
    edges[count, 0], edges[count, 1], edges[count, 2], edges[count, 3] = x0, y0, x1, y1
    return _add(scene, count, aim.start, high, count, aim)


@part
def _square_to(x0: float, y0: float, x1: float, y1: float) -> float:
    """Return the square of the distance to an edge."""
    dx, dy = x1 - x0, y1 - y0
    share = min(max(-(x0 * dx + y0 * dy) / (dx * dx + dy * dy), 0.0), 1.0)
    x, y = x0 + share * dx, y0 + share * dy
    return x * x + y * y


@part
def _in_reach(x0: float, y0: float, x1: float, y1: float, reach: float) -> tuple[float, float, float, float, bool]:
    """Cut an edge to the disc of the reach, and say whether anything is left of it."""
    square, dx, dy = reach * reach, x1 - x0, y1 - y0
    c = x0 * x0 + y0 * y0 - square
    if c <= 0 and x1 * x1 + y1 * y1 <= square:
        return x0, y0, x1, y1, True
    a, b = dx * dx + dy * dy, x0 * dx + y0 * dy
    inside = b * b - a * c
    if not inside > 0:
        return x0, y0, x1, y1, False
    low, high = (-b - math.sqrt(inside)) / a, (-b + math.sqrt(inside)) / a
    meets = max(low, 0.0) < min(high, 1.0)
    # An end inside the disc is kept bit for bit, so that neighbours keep sharing it.
    if high < 1:
        x1, y1 = x0 + high * dx, y0 + high * dy
    if low > 0:
        x0, y0 = x0 + low * dx, y0 + low * dy
    return x0, y0, x1, y1, meets


@part
def _angle_of(turn: float, base: float, aim: Aim) -> float:
    if turn >= aim.end:
        return aim.width
    return min(max(radians_of(turn) - base, 0.0), aim.width)


@part
def _note(out: Floats, at: int, since: float, until: float, r_since: float, r_until: float, on_arc: float) -> int:
    if until - since <= HAIR:
        return at
    out[at, SINCE], out[at, UNTIL], out[at, R_SINCE], out[at, R_UNTIL] = since, until, r_since, r_until
    out[at, ON_ARC] = on_arc
    return at + 1


@part
def _note_edge(out: Floats, at: int, since: float, until: float, r_since: float, r_until: float, near: float) -> int:
    """Note what of an edge lies outside the near blind zone."""
    x = r_since
    dx, dy = r_until * math.cos(until - since) - x, r_until * math.sin(until - since)
    a, b, c = dx * dx + dy * dy, x * dx, x * x - near * near
    inside = b * b - a * c
    if near <= 0 or (inside <= 0 and c >= 0):
        return _note(out, at, since, until, r_since, r_until, 0.0)
    if a == 0:
        return at
    enters, leaves = (-b - math.sqrt(inside)) / a, (-b + math.sqrt(inside)) / a
    if enters >= 1 or leaves <= 0:
        return _note(out, at, since, until, r_since, r_until, 0.0)
    if enters > 0:
        at = _note(out, at, since, since + math.atan2(enters * dy, x + enters * dx), r_since, near, 0.0)
    if leaves < 1:
        at = _note(out, at, since + math.atan2(leaves * dy, x + leaves * dx), until, near, r_until, 0.0)
    return at


@part
def _distance(edges: Floats, edge: int, turn: float, reach: float) -> float:
    x, y = way_of(turn)
    return min(away(edges, edge, x, y) * math.sqrt(x * x + y * y), reach)


@part
def note_stretches(edges: Floats, spans: Spans, count: int, aim: Aim, out: Floats, at: int) -> int:
    """Write what is seen into the rows of `out` from `at` on, which needs 3 · count + 1; return where they end."""
    base, turn, angle = radians_of(aim.start), aim.start, 0.0
    for span in range(count):
        if spans.since[span] > turn:
            until = _angle_of(spans.since[span], base, aim)
            at = _note(out, at, angle, until, aim.reach, aim.reach, 1.0)
            angle = until
        turn, edge = spans.until[span], spans.edge[span]
        until = _angle_of(turn, base, aim)
        if edge != SHUT and until > angle:
            r_since = _distance(edges, edge, spans.since[span], aim.reach)
            r_until = _distance(edges, edge, turn, aim.reach)
            at = _note_edge(out, at, angle, until, r_since, r_until, aim.near)
        angle = until
    if turn < aim.end:
        at = _note(out, at, angle, aim.width, aim.reach, aim.reach, 1.0)
    return at


@part
def area_of(rows: Floats, first: int, end: int, aim: Aim) -> float:
    """Return the area of stretches: triangles and circular sectors."""
    area = 0.0
    for row in range(first, end):
        turn = rows[row, UNTIL] - rows[row, SINCE]
        if rows[row, ON_ARC]:
            area += (aim.reach * aim.reach - aim.near * aim.near) * turn / 2
        else:
            area += (rows[row, R_SINCE] * rows[row, R_UNTIL] * math.sin(turn) - aim.near * aim.near * turn) / 2
    return area
