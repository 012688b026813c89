"""What one eye at the origin sees between opaque edges, by an exact angular sweep; no CRS, no cameras.

Angles are in radians, counter-clockwise from east in `Fan.start`, and from `Fan.start` everywhere else.
Edges run so that the solid lies on their left, so only edges running clockwise around the eye can stop a ray.

Of the edges that span a direction the nearest is found exactly (gis/envelope.py), and where two cross, the stretch is
cut. Nothing is sampled: the only error is that of double precision.
"""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from gis.grid import Floats
from gis.sight import ON_ARC, R_SINCE, R_UNTIL, SINCE, UNTIL
from gis.sights import look_between
from gis.turns import FULL_TURN

__all__ = ["FULL_TURN", "Fan", "Floats", "Sweep", "Whole", "sweep", "unhindered"]

Whole = NDArray[np.intp]


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

    @classmethod
    def of(cls, fan: Fan, rows: Floats) -> Self:
        """Return the stretches in rows of gis/sight.py."""
        since, until, r_since, r_until = (rows[:, column] for column in (SINCE, UNTIL, R_SINCE, R_UNTIL))
        on_arc = rows[:, ON_ARC] > 0
        return cls(fan=fan, since=since, until=until, r_since=r_since, r_until=r_until, on_arc=on_arc)

    @property
    def rows(self) -> Floats:
        """The stretches as rows of gis/sight.py."""
        return np.stack([self.since, self.until, self.r_since, self.r_until, self.on_arc.astype(float)], axis=1)

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
    shut = np.empty((0, 2)) if blocked is None else blocked.reshape(-1, 2)
    ways = np.stack([np.cos(shut[:, 0]), np.sin(shut[:, 0]), np.cos(shut[:, 1]), np.sin(shut[:, 1])], axis=1)
    flat = np.ascontiguousarray(edges, dtype=np.float64)
    return Sweep.of(fan, look_between(flat, ways, fan.start, fan.width, fan.reach, fan.near))


def unhindered(fan: Fan) -> Sweep:
    """Return what is seen of `fan` on open ground."""
    return Sweep.of(fan, np.array([[0.0, fan.width, fan.reach, fan.reach, 1.0]]))
