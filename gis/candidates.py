"""Where cameras could stand, what should be seen, and which pose sees which of it: the table that siting chooses from.

Everything pure and in a projected CRS of metres, but poses, which stand in lng, lat as all poses do.

- A standpoint in forbidden ground is left out. Ground that is forbidden is no demand either: nobody gains by looking at
  it. A camera outside that looks onto it is kept, since the law forbids the inside of rooms, which walls hide; how much
  of it lies in its view is told, so that it can be masked on the picture.
- Areas and roads are sampled: a point stands for the ground or the metres nearest to it, and the weights of an area or
  a road add up to all of it.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import scipy.sparse
import shapely
from numpy.typing import NDArray

from data.types import Pose
from gis.coverage import GUESSED_HFOV_DEG
from gis.outline import Surface
from gis.sweep import Floats

Shapes = NDArray[np.object_]
Rows = NDArray[np.intp]

# Ends of roads that lie closer together than this are one crossing.
SAME_CROSSING_M = 0.5
# Grid north lies less than this from true north.
LEEWAY_DEG = 10.0
# A corner that is nearly straight is no place of its own to look from.
SHARPEST_WASTED_DEG = 150.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standpoint:
    """A place a camera could hang at: `key` is the code of the pole or place, '' for none."""

    lng: float
    lat: float
    key: str = ""
    name: str = ""
    origin: str = "drawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """A camera that could hang there: how it would look, and what it costs."""

    hfov_deg: float | None
    name: str = ""
    kind: str = "fixed"
    vfov_deg: float | None = None
    tilt_deg: float | None = None
    height_m: float | None = None
    reach_m: float | None = None
    width_px: int | None = None
    cost: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Poses that could be chosen: each with the row of its standpoint and of its lens."""

    poses: Sequence[Pose]
    standpoint: Rows
    lens: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What should be seen, as points with a weight: x, y in metres, and which of `kinds` each belongs to.

    `amount` is what a point stands for in the unit of its kind, such as metres of road; `weight` is its worth.
    """

    points: Floats
    weight: Floats
    amount: Floats
    kind: Rows
    kinds: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, kind: str, points: Floats, *, amount: Floats | float = 1.0, worth: float = 1.0) -> Self:
        """Return demand of one kind; a unit of its amount is worth `worth`."""
        at = np.asarray(points, dtype=float).reshape(-1, 2)
        amounts = np.broadcast_to(np.asarray(amount, dtype=float), len(at)).copy()
        return cls(
            points=at, weight=amounts * worth, amount=amounts, kind=np.zeros(len(at), dtype=np.intp), kinds=(kind,)
        )

    @classmethod
    def joined(cls, parts: Iterable["Demand"]) -> Self:
        """Return several kinds of demand as one."""
        listed = [one for one in parts if len(one.points)]
        before = np.cumsum([0, *(len(one.kinds) for one in listed)])
        return cls(
            points=np.vstack([np.empty((0, 2)), *(one.points for one in listed)]),
            weight=np.concatenate([np.empty(0), *(one.weight for one in listed)]),
            amount=np.concatenate([np.empty(0), *(one.amount for one in listed)]),
            kind=np.concatenate(
                [np.empty(0, dtype=np.intp), *(one.kind + since for one, since in zip(listed, before, strict=False))]
            ),
            kinds=tuple(kind for one in listed for kind in one.kinds),
        )

    def within(self, rows: NDArray[np.bool_]) -> "Demand":
        """Return the demand of some points."""
        return Demand(
            points=self.points[rows],
            weight=self.weight[rows],
            amount=self.amount[rows],
            kind=self.kind[rows],
            kinds=self.kinds,
        )

    def by_kind(self, rows: NDArray[np.bool_]) -> dict[str, float]:
        """Return how much of each kind lies in some of the points, in the unit of the kind."""
        sums = np.bincount(self.kind[rows], weights=self.amount[rows], minlength=len(self.kinds))
        return {kind: float(one) for kind, one in zip(self.kinds, sums, strict=True)}


def candidates(standpoints: Sequence[Standpoint], lenses: Sequence[Lens], *, headings: int) -> Candidates:
    """Return every standpoint with every lens in `headings` directions, the first to the north.

    A lens that sees all round has one direction.
    """
    poses: list[Pose] = []
    at: list[tuple[int, int]] = []
    for row, place in enumerate(standpoints):
        for number, lens in enumerate(lenses):
            for bearing in _bearings(lens, headings):
                poses.append(_pose(place, lens, bearing))
                at.append((row, number))
    rows = np.array(at, dtype=np.intp).reshape(-1, 2)
    return Candidates(poses=poses, standpoint=rows[:, 0], lens=rows[:, 1])


def _bearings(lens: Lens, headings: int) -> list[float | None]:
    if lens.hfov_deg is not None and lens.hfov_deg >= 360.0:
        return [None]
    return [turn * 360.0 / headings for turn in range(headings)]


def _pose(place: Standpoint, lens: Lens, bearing: float | None) -> Pose:
    return Pose(
        lng=place.lng,
        lat=place.lat,
        bearing_deg=bearing,
        hfov_deg=lens.hfov_deg,
        vfov_deg=lens.vfov_deg,
        tilt_deg=lens.tilt_deg,
        height_m=lens.height_m,
        reach_m=lens.reach_m,
        width_px=lens.width_px,
    )


def may_see(poses: Sequence[Pose], at: Floats, points: Floats, *, reach_m: Floats) -> NDArray[np.bool_]:
    """Return which poses have any point in their direction and reach, whatever hides it.

    `at` is where each pose stands, x, y in metres, and `reach_m` how far it sees. Cheap beside looking, and never too
    few: grid north and true north differ by less than LEEWAY_DEG wherever a zone is used that fits.
    """
    found = np.zeros(len(poses), dtype=bool)
    if not len(poses) or not len(points):
        return found
    tree = shapely.STRtree(shapely.points(points))
    row, target = tree.query(shapely.points(at), predicate="dwithin", distance=reach_m + 1.0)
    dx, dy = (points[target] - at[row]).T
    bearing = np.array([np.nan if pose.bearing_deg is None else pose.bearing_deg for pose in poses])
    half = np.array([(GUESSED_HFOV_DEG if pose.hfov_deg is None else pose.hfov_deg) / 2 for pose in poses])
    off = np.abs((np.degrees(np.arctan2(dx, dy)) - bearing[row] + 180.0) % 360.0 - 180.0)
    found[row[np.isnan(off) | (off <= half[row] + LEEWAY_DEG) | (np.hypot(dx, dy) < 1.0)]] = True
    return found


def lies_in(points: Floats, ground: Shapes) -> NDArray[np.bool_]:
    """Return which points lie in or on any of the polygons, such as forbidden ground."""
    found = np.zeros(len(points), dtype=bool)
    if len(points) and len(ground):
        found[shapely.STRtree(shapely.points(points)).query(ground, predicate="intersects")[1]] = True
    return found


def covers(views: Shapes | Sequence[Surface], points: Floats) -> scipy.sparse.csr_matrix:
    """Return the table views × points, 1 where a view holds a point."""
    shapes = np.asarray(views, dtype=object)
    size = (len(shapes), len(points))
    if not all(size):
        return scipy.sparse.csr_matrix(np.zeros(size, dtype=np.int8))
    rows, columns = shapely.STRtree(shapely.points(points)).query(shapes, predicate="intersects")
    return scipy.sparse.csr_matrix((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=size)


def seen_by_any(views: Shapes | Sequence[Surface], points: Floats) -> NDArray[np.bool_]:
    """Return which points some view holds."""
    return lies_in(points, np.asarray(views, dtype=object))


def crossings(roads: Iterable[shapely.Geometry]) -> Floats:
    """Return where at least three stretches of road meet, x, y in metres; bridges count as if they met."""
    lines = shapely.get_parts(np.array(list(roads), dtype=object))
    lines = lines[shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING]
    if not len(lines):
        return np.empty((0, 2))
    stretches = shapely.get_parts(shapely.node(shapely.multilinestrings(lines)))
    ends = shapely.get_coordinates([shapely.get_point(stretches, 0), shapely.get_point(stretches, -1)])
    at = np.round(ends / SAME_CROSSING_M) * SAME_CROSSING_M
    found, degree = np.unique(at, axis=0, return_counts=True)
    return np.asarray(found[degree >= 3])


def along(roads: Iterable[shapely.Geometry], *, every_m: float) -> tuple[Floats, Floats]:
    """Return points along roads, at most `every_m` apart, and the metres each stands for."""
    lines = shapely.get_parts(np.array(list(roads), dtype=object))
    lengths = shapely.length(lines)
    lines, lengths = lines[lengths > 0], lengths[lengths > 0]
    counts = np.maximum(1, np.ceil(lengths / every_m)).astype(np.intp)
    row = np.repeat(np.arange(len(lines)), counts)
    turn = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    each = lengths[row] / counts[row]
    points = shapely.line_interpolate_point(lines[row], (turn + 0.5) * each)
    return shapely.get_coordinates(points).reshape(-1, 2), each


def across(ground: Surface, *, most: int) -> tuple[Floats, Floats]:
    """Return at most about `most` points on a lattice over ground, and the square metres each stands for.

    Every part of the ground has a point, however small it is, and the points of a part share its area equally.
    """
    parts = shapely.get_parts(ground)
    parts = parts[shapely.area(parts) > 0]
    if not len(parts):
        return np.empty((0, 2)), np.empty(0)
    step = math.sqrt(shapely.area(parts).sum() / max(1, most))
    points, shares = zip(*(_lattice(part, step) for part in parts), strict=True)
    return np.vstack(points), np.concatenate(shares)


def _lattice(part: shapely.Geometry, step: float) -> tuple[Floats, Floats]:
    """Return the points of the lattice of the whole plane in one part, or one of its own where none lies in it."""
    west, south, east, north = part.bounds
    across_x = (np.arange(math.floor(west / step), math.ceil(east / step)) + 0.5) * step
    across_y = (np.arange(math.floor(south / step), math.ceil(north / step)) + 0.5) * step
    points = np.stack(np.meshgrid(across_x, across_y), axis=-1).reshape(-1, 2)
    shapely.prepare(part)
    points = points[shapely.contains_xy(part, points[:, 0], points[:, 1])]
    if not len(points):
        points = shapely.get_coordinates(shapely.point_on_surface(part)).reshape(1, 2)
    return points, np.full(len(points), part.area / len(points))


def corners(footprints: Shapes, *, apart_m: float) -> Floats:
    """Return the outer corners of buildings, none closer to one before it than `apart_m`."""
    found = [one for shape in shapely.get_parts(footprints) for one in _sharp(shape)]
    points = np.array(found, dtype=float).reshape(-1, 2)
    return points[_thinned(points, apart_m)]


def _sharp(shape: shapely.Geometry) -> Iterator[Floats]:
    """Yield the corners of the outer ring that stand out, where a camera sees more than along one wall."""
    ring = shapely.get_coordinates(shapely.get_exterior_ring(shapely.orient_polygons(shape)))[:-1]
    if len(ring) < 3:
        return
    before, after = ring - np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0) - ring
    turn = np.degrees(
        np.arctan2(
            before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0],
            before[:, 0] * after[:, 0] + before[:, 1] * after[:, 1],
        )
    )
    yield from ring[180.0 - turn < SHARPEST_WASTED_DEG]


def _thinned(points: Floats, apart_m: float) -> Rows:
    """Return the rows of points that are left when each takes away the later ones near it."""
    if not len(points):
        return np.empty(0, dtype=np.intp)
    near = shapely.STRtree(shapely.points(points)).query(shapely.points(points), predicate="dwithin", distance=apart_m)
    kept = np.ones(len(points), dtype=bool)
    order = np.lexsort((near[1], near[0]))
    for one, other in near[:, order].T:
        if kept[one] and other > one:
            kept[other] = False
    return np.flatnonzero(kept)
