"""The nearest of many edges in every direction around an eye: their lower envelope, merged two and two.

Where two edges span the same directions, the one nearer in the middle is nearer throughout, unless the other is
nearer at one end: lines cross at most once in half a turn, and there the stretch is cut. So walls may cross, overlap,
touch or be drawn twice. Merging n edges takes n · log n steps however they lie. Nothing is sampled.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.compiled import making, part
from gis.turns import turn_of, way_of

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

# Narrower than this is rounding: at 300 m it is a slit of 0.3 nm.
HAIR = 1e-12
# Directions into the wall an eye hangs on: nothing is nearer, and nothing is seen there.
SHUT = -1


class Spans(NamedTuple):
    """Stretches of turns, each with the row of the edge that is nearest there, or SHUT."""

    since: Floats
    until: Floats
    edge: Rows


@making
def spans_for(count: int) -> Spans:
    """Return room for that many stretches."""
    return Spans(np.empty(count), np.empty(count), np.empty(count, dtype=np.int64))


@part
def away(edges: Floats, edge: int, x: float, y: float) -> float:
    """Return how many times the length of x, y an edge is away in that direction, which it must span."""
    x0, y0 = edges[edge, 0], edges[edge, 1]
    dx, dy = edges[edge, 2] - x0, edges[edge, 3] - y0
    share = 1 / (x * x + y * y)
    first, last = (x0 * x + y0 * y) * share, (edges[edge, 2] * x + edges[edge, 3] * y) * share
    across = x * dy - y * dx
    # An edge seen end on has no certain distance, but no other than those of its ends.
    if across <= 0:
        return float(min(first, last))
    return float(min(max((x0 * dy - y0 * dx) / across, min(first, last)), max(first, last)))


@part
def _meeting(edges: Floats, one: int, other: int, since: float) -> float:
    """Return the turn, from `since` on, in which the lines of two edges meet."""
    x0, y0 = edges[one, 0], edges[one, 1]
    dx, dy = edges[one, 2] - x0, edges[one, 3] - y0
    ex, ey = edges[other, 2] - edges[other, 0], edges[other, 3] - edges[other, 1]
    share = ((edges[other, 0] - x0) * ey - (edges[other, 1] - y0) * ex) / (dx * ey - dy * ex)
    turn = turn_of(x0 + share * dx, y0 + share * dy)
    return turn if turn >= since else turn + 4


@part
def _put(spans: Spans, head: int, count: int, since: float, until: float, edge: int) -> int:
    """Add a stretch, joined to the one before where both end on the same edge; return how many there are."""
    if until <= since:
        return count
    if count > head and spans.edge[count - 1] == edge and spans.until[count - 1] == since:
        spans.until[count - 1] = until
        return count
    spans.since[count], spans.until[count], spans.edge[count] = since, until, edge
    return count + 1


@part
def _is_nearer_at(edges: Floats, far: int, near: int, turn: float) -> bool:
    """Say whether the edge that is further off in the middle is nearer here, beyond rounding."""
    x, y = way_of(turn)
    return away(edges, far, x, y) < away(edges, near, x, y) * (1 - HAIR)


@part
def _put_nearer(
    edges: Floats, spans: Spans, head: int, count: int, since: float, until: float, one: int, other: int
) -> int:
    """Add what is nearer of two edges that both span a stretch."""
    if one == SHUT or other == SHUT:
        return _put(spans, head, count, since, until, SHUT)
    x, y = way_of((since + until) / 2)
    near, far = one, other
    if away(edges, other, x, y) < away(edges, one, x, y):
        near, far = other, one
    before = _is_nearer_at(edges, far, near, since)
    if before or _is_nearer_at(edges, far, near, until):
        turn = _meeting(edges, near, far, since)
        if since + HAIR < turn < until - HAIR:
            count = _put(spans, head, count, since, turn, far if before else near)
            return _put(spans, head, count, turn, until, near if before else far)
    return _put(spans, head, count, since, until, near)


@part
def _merge(edges: Floats, given: Spans, a: int, a_end: int, b_end: int, into: Spans, count: int) -> int:
    """Merge the stretches a to a_end with those from there to b_end; return how many `into` holds now."""
    head, b = count, a_end
    a_since, b_since = given.since[a], given.since[b]
    while a < a_end and b < b_end:
        a_until, b_until = given.until[a], given.until[b]
        if a_since < b_since:
            since, a_since = a_since, min(a_until, b_since)
            count = _put(into, head, count, since, a_since, given.edge[a])
        elif b_since < a_since:
            since, b_since = b_since, min(b_until, a_since)
            count = _put(into, head, count, since, b_since, given.edge[b])
        else:
            until = min(a_until, b_until)
            count = _put_nearer(edges, into, head, count, a_since, until, given.edge[a], given.edge[b])
            a_since = b_since = until
        if a_since >= a_until:
            a += 1
            a_since = given.since[a] if a < a_end else a_since
        if b_since >= b_until:
            b += 1
            b_since = given.since[b] if b < b_end else b_since
    count = _put_rest(given, a, a_end, a_since, into, head, count)
    return _put_rest(given, b, b_end, b_since, into, head, count)


@part
def _put_rest(given: Spans, at: int, end: int, since: float, into: Spans, head: int, count: int) -> int:
    while at < end:
        count = _put(into, head, count, max(since, given.since[at]), given.until[at], given.edge[at])
        at += 1
    return count


@part
def _halve(edges: Floats, given: Spans, heads: Rows, runs: int, into: Spans, fresh: Rows) -> None:
    """Merge runs of stretches two and two; run k begins at heads[k], and at fresh[k] of those merged."""
    count = 0
    for pair in range(runs // 2):
        fresh[pair] = count
        count = _merge(edges, given, heads[2 * pair], heads[2 * pair + 1], heads[2 * pair + 2], into, count)
    if runs % 2:
        fresh[runs // 2] = count
        last = heads[runs - 1]
        count = _put_rest(given, last, heads[runs], given.since[last], into, count, count)
    fresh[(runs + 1) // 2] = count


@making
def nearest(edges: Floats, spans: Spans, count: int) -> tuple[Spans, int]:
    """Return the stretches of what is nearest among the first `count` spans, in order, and how many there are.

    Edges are rows of x0, y0, x1, y1 from the eye that run counter-clockwise around it.
    """
    given, into = spans, spans_for(3 * count + 8)
    heads, fresh = np.arange(count + 1), np.empty(count + 1, dtype=np.int64)
    runs = count
    while runs > 1:
        if 3 * count + 8 > len(into.since):
            into = spans_for(4 * count + 8)
        _halve(edges, given, heads, runs, into, fresh)
        runs = (runs + 1) // 2
        count = fresh[runs]
        given, into, heads, fresh = into, given, fresh, heads
    return given, count
