"""What one eye at the origin sees between opaque edges, by an exact angular sweep; numpy only, no CRS, no cameras.

Angles are in radians, counter-clockwise from east in `Fan.start`, and from `Fan.start` everywhere else.
Edges run so that the solid lies on their left, so only edges running clockwise around the eye can stop a ray.

Between two neighbouring event angles the same edges span the whole stretch and two of them cross at most once, so
the edge nearest in the middle is nearest throughout unless another is nearer at one end; then the crossing becomes
an event and the sweep is repeated. Nothing is sampled: the only error is that of double precision.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]

FULL_TURN = 2 * math.pi
# Narrower than this is rounding: at 300 m it is a slit of 0.3 nm.
HAIR_RAD = 1e-12
NOTHING = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Fan:
    """The stretch of directions and distances an eye covers on open ground: `near` to `reach` metres."""

    start: float
    width: float
    reach: float
    near: float = 0.0

    @property
    def is_full(self) -> bool:
        """Whether it looks all round."""
        return self.width >= FULL_TURN

    @property
    def area_m2(self) -> float:
        """Its area without any obstacle."""
        return max(0.0, self.width * (self.reach**2 - self.near**2) / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Stretches of directions in which something is seen, in order.

    Rays of a stretch end on one straight edge, from distance `r_since` to `r_until`, or on the arc of the reach.
    """

    fan: Fan
    since: Floats
    until: Floats
    r_since: Floats
    r_until: Floats
    on_arc: NDArray[np.bool_]

    @property
    def area_m2(self) -> float:
        """The area seen: triangles and circular sectors, so independent of how an arc is drawn."""
        turn = self.until - self.since
        triangles = self.r_since * self.r_until * np.sin(turn)
        outer = np.where(self.on_arc, self.fan.reach**2 * turn, triangles)
        return math.fsum((outer - self.fan.near**2 * turn) / 2)


def sweep(edges: Floats, fan: Fan, *, blocked: Floats | None = None) -> Sweep:
    """Return what is seen of `fan` past `edges`, an (n, 4) array of x0, y0, x1, y1 in metres from the eye.

    `blocked` holds (k, 2) directions from east: counter-clockwise from the first to the second nothing is seen
    at all, as for an eye on a wall.
    """
    edges, low, high = _spans(_in_reach(_facing(edges), fan.reach), fan)
    shut = _shut(blocked, fan)
    events = np.unique(np.concatenate([[0.0, fan.width], low, high, shut.ravel(), _near_crossings(edges, fan)]))
    events = events[(events >= 0) & (events <= fan.width)]
    while True:
        first, last = np.searchsorted(events, low), np.searchsorted(events, high)
        nearest, fresh = _envelope(edges, events, first, last, fan)
        if not fresh.size:
            return _stretches(edges, events, nearest, shut, fan)
        events = np.unique(np.concatenate([events, fresh]))


def unhindered(fan: Fan) -> Sweep:
    """Return what is seen of `fan` on open ground."""
    whole = np.array([0.0]), np.array([fan.width]), np.array([fan.reach])
    return Sweep(fan=fan, since=whole[0], until=whole[1], r_since=whole[2], r_until=whole[2], on_arc=np.array([True]))


def _facing(edges: Floats) -> Floats:
    """Keep the edges whose outside faces the eye, turned to run counter-clockwise around it."""
    cross = edges[:, 0] * edges[:, 3] - edges[:, 1] * edges[:, 2]
    return edges[cross < 0][:, [2, 3, 0, 1]]


def _in_reach(edges: Floats, reach: float) -> Floats:
    """Cut the edges to the disc of the reach."""
    at, along = edges[:, :2], edges[:, 2:] - edges[:, :2]
    low, high = _circle(at, along, reach)
    low, high = np.maximum(low, 0.0), np.minimum(high, 1.0)
    meets = high > low
    at, along, low, high = at[meets], along[meets], low[meets, None], high[meets, None]
    # An end inside the disc is kept bit for bit, so that neighbours keep sharing it.
    head = np.where(low == 0.0, at, at + low * along)
    tail = np.where(high == 1.0, edges[meets, 2:], at + high * along)
    return np.hstack([head, tail])


def _circle(at: Floats, along: Floats, radius: float) -> tuple[Floats, Floats]:
    """Return where the lines enter and leave the circle, as a share of `along`; inf, -inf where they miss it."""
    a = np.einsum("ij,ij->i", along, along)
    b = np.einsum("ij,ij->i", at, along)
    c = np.einsum("ij,ij->i", at, at) - radius**2
    inside = b**2 - a * c
    meets = (inside > 0) & (a > 0)
    root, a = np.sqrt(np.where(meets, inside, 0.0)), np.where(meets, a, 1.0)
    return np.where(meets, (-b - root) / a, np.inf), np.where(meets, (-b + root) / a, -np.inf)


def _angle(x: Floats, y: Floats, start: float) -> Floats:
    return np.mod(np.arctan2(y, x) - start, FULL_TURN)


def _spans(edges: Floats, fan: Fan) -> tuple[Floats, Floats, Floats]:
    """Return the edges with the directions they span inside the fan; one that spans its start comes twice."""
    low = _angle(edges[:, 0], edges[:, 1], fan.start)
    high = _angle(edges[:, 2], edges[:, 3], fan.start)
    high = np.where(high < low, high + FULL_TURN, high)
    # An edge seen end on may come out as a full turn by rounding; it hides nothing.
    real = high - low < math.pi + HAIR_RAD
    edges = np.concatenate([edges[real], edges[real]])
    low, high = _both_turns(low[real], high[real], fan.width)
    spans = high > low
    return edges[spans], low[spans], high[spans]


def _both_turns(low: Floats, high: Floats, width: float) -> tuple[Floats, Floats]:
    low, high = np.concatenate([low, low - FULL_TURN]), np.concatenate([high, high - FULL_TURN])
    return np.clip(low, 0.0, width), np.clip(high, 0.0, width)


def _shut(blocked: Floats | None, fan: Fan) -> Floats:
    if blocked is None or not len(blocked):
        return np.empty((0, 2))
    low, high = np.mod(blocked - fan.start, FULL_TURN).T
    high = np.where(high <= low, high + FULL_TURN, high)
    return np.stack(_both_turns(low, high, fan.width), axis=1)


def _near_crossings(edges: Floats, fan: Fan) -> Floats:
    """Return the directions where an edge enters or leaves the near blind zone."""
    if fan.near <= 0 or not len(edges):
        return np.empty(0)
    at, along = edges[:, :2], edges[:, 2:] - edges[:, :2]
    found = []
    for share in _circle(at, along, fan.near):
        on_edge = (share > 0) & (share < 1)
        x, y = (at[on_edge] + share[on_edge, None] * along[on_edge]).T
        found.append(_angle(x, y, fan.start))
    return np.concatenate(found)


def _envelope(edges: Floats, events: Floats, first: Whole, last: Whole, fan: Fan) -> tuple[Whole, Floats]:
    """Return the nearest edge of each stretch between events, and crossings that must become events."""
    nearest = np.full(len(events) - 1, NOTHING)
    counts = last - first
    which = np.repeat(np.arange(len(edges)), counts)
    where = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + first[which]
    if not len(which):
        return nearest, np.empty(0)
    middle = _distance(edges[which], (events[where] + events[where + 1]) / 2 + fan.start)
    order = np.lexsort((middle, where))
    leads = np.r_[True, np.diff(where[order]) > 0]
    nearest[where[order][leads]] = which[order][leads]
    return nearest, _crossings(edges, events, nearest, which, where, fan)


def _distance(edges: Floats, angle: Floats) -> Floats:
    """Return how far the lines of the edges are in the given directions, row by row."""
    x, y, dx, dy = edges[:, 0], edges[:, 1], edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1]
    across = np.cos(angle) * dy - np.sin(angle) * dx
    return np.asarray((x * dy - y * dx) / np.where(across == 0, np.inf, across))


def _crossings(edges: Floats, events: Floats, nearest: Whole, which: Whole, where: Whole, fan: Fan) -> Floats:
    """Return directions where an edge that is not the nearest in the middle of a stretch becomes so at an end."""
    other = which != nearest[where]
    which, where = which[other], where[other]
    mine, low, high = nearest[where], events[where], events[where + 1]
    found = []
    for end in (low, high):
        ours, theirs = (_distance(edges[of], end + fan.start) for of in (mine, which))
        nearer = theirs < ours * (1 - HAIR_RAD)
        angle = _meeting(edges[mine[nearer]], edges[which[nearer]], fan.start)
        inside = (angle > low[nearer] + HAIR_RAD) & (angle < high[nearer] - HAIR_RAD)
        found.append(angle[inside])
    return np.concatenate(found)


def _meeting(one: Floats, two: Floats, start: float) -> Floats:
    """Return the direction in which the lines of two rows of edges meet."""
    along, other = one[:, 2:] - one[:, :2], two[:, 2:] - two[:, :2]
    apart = two[:, :2] - one[:, :2]
    turn = along[:, 0] * other[:, 1] - along[:, 1] * other[:, 0]
    share = (apart[:, 0] * other[:, 1] - apart[:, 1] * other[:, 0]) / np.where(turn == 0, np.inf, turn)
    x, y = (one[:, :2] + share[:, None] * along).T
    return _angle(x, y, start)


def _stretches(edges: Floats, events: Floats, nearest: Whole, shut: Floats, fan: Fan) -> Sweep:
    """Leave out what is blocked or too near, and join neighbouring stretches that end on the same edge."""
    wide = np.diff(events) > HAIR_RAD
    since, until, ends_on = events[:-1][wide], events[1:][wide], nearest[wide]
    middle = (since + until) / 2
    is_shut = ((middle[:, None] > shut[:, 0]) & (middle[:, None] < shut[:, 1])).any(axis=1)
    seen = ~is_shut & (_ends(edges, ends_on, middle, fan) > fan.near)
    ends_on = np.where(seen, ends_on, NOTHING - 1)
    heads = np.flatnonzero(np.r_[True, np.diff(ends_on) != 0])
    tails = np.r_[heads[1:] - 1, len(ends_on) - 1]
    seen = seen[heads]
    since, until, ends_on = since[heads][seen], until[tails][seen], ends_on[heads][seen]
    r_since, r_until = (_ends(edges, ends_on, angle, fan) for angle in (since, until))
    return Sweep(fan=fan, since=since, until=until, r_since=r_since, r_until=r_until, on_arc=ends_on == NOTHING)


def _ends(edges: Floats, ends_on: Whole, angle: Floats, fan: Fan) -> Floats:
    """Return how far the eye sees in each direction: to its edge, or to the reach."""
    ends = np.full(len(ends_on), fan.reach)
    edge = ends_on >= 0
    ends[edge] = np.clip(_distance(edges[ends_on[edge]], angle[edge] + fan.start), 0.0, fan.reach)
    return ends
