"""What an eye sees, by brute force in whole numbers: slow, plain, and written without a look at gis/.

Everything is told from the eye and scaled until it is whole. So every question, which direction comes first, which
wall a ray meets first, whether the ray begins under a roof, is the sign of a whole number and cannot be off.

Sort all directions in which anything changes: corners, crossings of walls, the edges of the field of view. Between
two neighbours no wall begins, ends or changes places with another, so one ray between them, held against every wall,
tells what stops all of them. Only the area of what a circle cuts is rounded, at the very end.

Rules of the house, as gis/coverage.py states them: a building hides all behind its walls and all that is under its
roof; a building is what lies inside an odd number of its rings; an eye under roofs in every direction stands inside,
and the buildings that hold it are left out.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key
from itertools import combinations, pairwise

Point = tuple[Fraction, Fraction]
Ring = tuple[Point, ...]
Building = tuple[Ring, ...]
Vector = tuple[int, int]
Edge = tuple[Vector, Vector]
Met = tuple[Fraction, Edge, int]

AXES: list[Vector] = [(1, 0), (0, 1), (-1, 0), (0, -1)]
FINE = 2**60


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is covered on open ground: `width_deg` around `bearing_deg` (clockwise from grid north), near to reach."""

    reach_m: float
    near_m: float = 0.0
    bearing_deg: float | None = None
    width_deg: float = 360.0

    @property
    def sector_m2(self) -> float:
        """The area without any building."""
        return math.radians(self.width_deg) * (self.reach_m**2 - self.near_m**2) / 2

    @property
    def sides(self) -> list[Vector]:
        """Its right and left edge; none when it covers the whole turn."""
        if self.bearing_deg is None or self.width_deg >= 360:
            return []
        angles = [math.radians(90 - self.bearing_deg + self.width_deg * half) for half in (-0.5, 0.5)]
        return [(round(math.cos(angle) * FINE), round(math.sin(angle) * FINE)) for angle in angles]

    def covers(self, ray: Vector) -> bool:
        """Whether a direction that is none of its sides lies between them."""
        if not self.sides:
            return True
        right, left = self.sides
        return by_angle(_from(right, ray), _from(right, left)) < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The directions from `since` counter-clockwise to `until`; all rays end on the line of `stop`, or never."""

    since: Vector
    until: Vector
    stop: Edge | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What an eye sees, in stretches; `scale` whole numbers make a metre."""

    look: Look
    scale: int
    stretches: tuple[Stretch, ...]
    is_inside: bool

    @property
    def area_m2(self) -> float:
        """The area; every decision was exact, the sum is rounded like any sum of doubles."""
        far, near = self.look.reach_m, self.look.near_m
        return math.fsum(_inside_m2(one, far, self.scale) - _inside_m2(one, near, self.scale) for one in self.stretches)

    @property
    def exact_area_m2(self) -> Fraction:
        """The area without any rounding, where walls leave no way out and end before the reach."""
        area = Fraction(0)
        for each in self.stretches:
            assert each.stop is not None, "a ray finds a way out"
            one, two = (_end(ray, each.stop) for ray in (each.since, each.until))
            area += (one[0] * two[1] - one[1] * two[0]) / 2
        return area / self.scale**2


def seen_from(eye: Point, buildings: Sequence[Building], look: Look) -> Seen:
    """Return what an eye sees, trying every wall of every building in every stretch of directions."""
    scale, walls = _told_from(eye, buildings)
    hosts = _hosts(_rays(walls, look))
    walls = [walls[row] for row in range(len(walls)) if row not in hosts]
    stretches = (
        Stretch(since=since, until=until, stop=min(met, key=lambda each: each[0])[1] if met else None)
        for since, until, met in _rays(walls, look)
        if look.covers(_middle(since, until)) and not _roofs(met)
    )
    return Seen(look=look, scale=scale, stretches=tuple(stretches), is_inside=bool(hosts))


def by_angle(a: Vector, b: Vector) -> int:
    """Return -1, 0 or 1 as direction a comes before, with or after b, counter-clockwise from east."""
    below = [v[1] < 0 or (v[1] == 0 and v[0] < 0) for v in (a, b)]
    if below[0] != below[1]:
        return 1 if below[0] else -1
    turn = _cross(a, b)
    return (turn < 0) - (turn > 0)


def _told_from(eye: Point, buildings: Sequence[Building]) -> tuple[int, list[list[Edge]]]:
    """Return the walls of each building, told from the eye in whole numbers, and how many of them make a metre."""
    values = [*eye, *(value for building in buildings for ring in building for point in ring for value in point)]
    scale = math.lcm(*(Fraction(value).denominator for value in values))

    def told(ring: Ring) -> list[Edge]:
        points = [(int((x - eye[0]) * scale), int((y - eye[1]) * scale)) for x, y in ring]
        return list(zip(points, points[1:] + points[:1], strict=True))

    return scale, [[edge for ring in building for edge in told(ring)] for building in buildings]


def _directions(walls: list[list[Edge]], sides: list[Vector]) -> list[Vector]:
    """Return every direction in which anything changes, once, in order around the eye."""
    edges = [edge for building in walls for edge in building]
    found = [*AXES, *sides, *(end for edge in edges for end in edge), *_crossings(edges)]
    ordered = sorted((each for each in found if each != (0, 0)), key=cmp_to_key(by_angle))
    return [each for before, each in pairwise([ordered[-1], *ordered]) if by_angle(before, each)]


def _crossings(edges: Iterable[Edge]) -> Iterator[Vector]:
    for one, two in combinations(edges, 2):
        along, other, apart = _minus(one[1], one[0]), _minus(two[1], two[0]), _minus(two[0], one[0])
        whole = _cross(along, other)
        share, share_other = _cross(apart, other), _cross(apart, along)
        if whole < 0:
            whole, share, share_other = -whole, -share, -share_other
        # Where one ends on the other, its end is a direction already; parallel walls do not change places.
        if 0 < share < whole and 0 < share_other < whole:
            yield one[0][0] * whole + along[0] * share, one[0][1] * whole + along[1] * share


def _rays(walls: list[list[Edge]], look: Look) -> Iterator[tuple[Vector, Vector, list[Met]]]:
    """Yield each stretch of directions with what a ray in its middle meets, anywhere before the eye."""
    directions = _directions(walls, look.sides)
    for since, until in pairwise([*directions, directions[0]]):
        yield since, until, list(_met(_middle(since, until), walls))


def _middle(since: Vector, until: Vector) -> Vector:
    """Return a direction between two that are less than half a turn apart."""
    return since[0] + until[0], since[1] + until[1]


def _met(ray: Vector, walls: list[list[Edge]]) -> Iterator[Met]:
    """Yield what a ray crosses, but not in the eye itself: how far, in lengths of the ray, which edge, whose."""
    x, y = ray
    for row, edges in enumerate(walls):
        for edge in edges:
            (ax, ay), (bx, by) = edge
            since, until = x * ay - y * ax, x * by - y * bx
            if (since < 0) != (until < 0) and (far := Fraction(ax * by - ay * bx, until - since)) > 0:
                yield far, edge, row


def _roofs(met: list[Met]) -> set[int]:
    """Return the buildings under whose roof a ray begins: it leaves them once more than it enters them."""
    counts = Counter(row for _, _, row in met)
    return {row for row, count in counts.items() if count % 2}


def _hosts(rays: Iterable[tuple[Vector, Vector, list[Met]]]) -> set[int]:
    """Return the buildings that hold an eye inside; none where a ray begins in the open."""
    hosts: set[int] = set()
    for _, _, met in rays:
        roofs = _roofs(met)
        if not roofs:
            return set()
        hosts |= roofs
    return hosts


def _end(ray: Vector, edge: Edge) -> Point:
    """Return where the line of a ray meets the line of an edge."""
    far = Fraction(_cross(*edge), _cross(ray, _minus(edge[1], edge[0])))
    return ray[0] * far, ray[1] * far


def _inside_m2(stretch: Stretch, radius_m: float, scale: int) -> float:
    """Return the area of a stretch inside a circle around the eye.

    The line runs `off` metres from the eye, and a point of it is named by its place `at` along it from the foot of
    the perpendicular. Inside the circle the area is that of triangles on the line, outside that of the sector.
    """
    if stretch.stop is None:
        return radius_m**2 / 2 * math.atan2(_cross(stretch.since, stretch.until), _dot(stretch.since, stretch.until))
    along = _minus(stretch.stop[1], stretch.stop[0])
    length = math.hypot(*along)
    off = abs(_cross(*stretch.stop)) / length / scale
    low, high = sorted(_place(ray, stretch.stop, along, scale) / length for ray in (stretch.since, stretch.until))
    half = math.sqrt(max(0.0, radius_m**2 - off**2))
    low_in, high_in = (min(max(at, -half), half) for at in (low, high))
    turn, turn_in = (math.atan2(b, off) - math.atan2(a, off) for a, b in ((low, high), (low_in, high_in)))
    return off * (high_in - low_in) / 2 + radius_m**2 / 2 * (turn - turn_in)


def _place(ray: Vector, edge: Edge, along: Vector, scale: int) -> float:
    return float(Fraction(_dot(ray, along) * _cross(*edge), _cross(ray, along) * scale))


def _cross(a: Vector, b: Vector) -> int:
    return a[0] * b[1] - a[1] * b[0]


def _dot(a: Vector, b: Vector) -> int:
    return a[0] * b[0] + a[1] * b[1]


def _minus(a: Vector, b: Vector) -> Vector:
    return a[0] - b[0], a[1] - b[1]


def _from(side: Vector, ray: Vector) -> Vector:
    """Return a ray as told by one who takes `side` for east."""
    return _dot(side, ray), _cross(side, ray)
