"""Building footprints as obstacles: cleaned once, found fast, and laid out around one eye.

The camera on a wall or a corner is the normal case, and where it stands to a rounding error decides everything.
So an eye that touches a wall, or lies at most WALL_M inside it, is put exactly on the wall, and the directions into
the building are blocked by name, not by an edge at distance zero. An eye deeper inside is reported, and its building
is left out.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Self, TypeAlias

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.gather import Ground
from gis.grid import FARTHEST_M, Floats, grid_of
from gis.rings import DOUBT, RIGHT, edges_of, sides_of
from gis.sights import Stands
from gis.stands import INSIDE, ON_WALL, OPEN, TOUCH_M, UNSURE, WALL_M, Houses, on_wall, standings

# A roof this close below the eye hides as if it were above: its shadow would be longer than any reach.
LEVEL_WITH_M = 0.001
LNGLAT = "EPSG:4326"
NO_EDGES = np.empty((0, 4))

Whole: TypeAlias = NDArray[np.int64]
Heights: TypeAlias = Sequence[float] | Floats | None


class NotMetric(ValueError):
    """A CRS that is not projected in metres; the message says what to use instead."""


class WrongHeights(ValueError):
    """Heights that cannot belong to the footprints; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Obstacles:
    """Footprints in a projected CRS of metres, with their edges and what finds them fast.

    Rows first[k] to first[k + 1] of `edges` (x0, y0, x1, y1, solid on the left) belong to footprint k, which is all or
    part of the one given in row rows[k], and whose height above its ground is heights_m[k], NaN where unknown.
    """

    crs: str
    footprints: NDArray[np.object_]
    rows: Whole
    heights_m: Floats
    edges: Floats
    first: Whole

    @classmethod
    def of(cls, footprints: Iterable[shapely.Geometry | None], *, crs: str, heights_m: Heights = None) -> Self:
        """Return footprints given in `crs` as obstacles; invalid rings are repaired, what has no area is dropped.

        `heights_m` is one number a footprint; NaN, negative and infinite ones are unknown. Raises NotMetric when `crs`
        is not a projected CRS of metres, and WrongHeights when there are more or fewer heights than footprints.
        """
        _require_metric(crs)
        given = footprints if isinstance(footprints, np.ndarray) else np.array(list(footprints), dtype=object)
        heights = _heights(heights_m, len(given))
        clean, rows, edges, first = _cleaned(given)
        return cls(crs=crs, footprints=clean, rows=rows, heights_m=heights[rows], edges=edges, first=first)

    @classmethod
    def of_lnglat(cls, footprints: Iterable[shapely.Geometry | None], *, crs: str, heights_m: Heights = None) -> Self:
        """Return footprints given in lng, lat (EPSG:4326) as obstacles in `crs`."""
        _require_metric(crs)
        moved = to_metres(np.array(list(footprints), dtype=object), crs=crs)
        return cls.of(moved, crs=crs, heights_m=heights_m)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """A tree of the footprints, made when it is first asked for."""
        return shapely.STRtree(self.footprints)

    @cached_property
    def ground(self) -> Ground:
        """The edges by square, made when they are first asked for."""
        grid = grid_of(self.edges)
        owner = np.repeat(np.arange(len(self.footprints), dtype=np.int32), np.diff(self.first))
        return Ground(grid, self.edges[grid.rows], owner[grid.rows], self.heights_m)

    @cached_property
    def houses(self) -> Houses:
        """The footprints by square, made when they are first asked for."""
        boxes = shapely.bounds(self.footprints).reshape(-1, 4)
        return Houses(grid_of(boxes), boxes, self.edges, self.first, self.heights_m)

    def around(self, box: shapely.Geometry) -> Whole:
        """Return the rows of the footprints whose boxes meet that of a geometry, in their order."""
        return np.sort(self.tree.query(box))

    def is_lower(self, rows: Whole, eye_height_m: float | None) -> NDArray[np.bool_]:
        """Return which of these footprints an eye looks over: none when its height or theirs is unknown."""
        return np.asarray(self.heights_m[rows] < looks_over_m(eye_height_m))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How an eye stands among obstacles: where exactly, behind which edges, and into which directions it is shut.

    `edges` are relative to the eye; `blocked` holds directions in radians from east, counter-clockwise.
    """

    x: float
    y: float
    edges: Floats
    blocked: Floats
    is_on_wall: bool = False
    is_inside: bool = False


def looks_over_m(eye_height_m: float | None) -> float:
    """Return the height below which an eye looks over buildings; none is lower when its own is unknown."""
    return -math.inf if eye_height_m is None else eye_height_m - LEVEL_WITH_M


def stand(
    x: float, y: float, obstacles: Obstacles, *, within: shapely.Geometry, eye_height_m: float | None = None
) -> Stand:
    """Return how an eye at x, y stands among the obstacles that meet the box of `within` and are not lower than it."""
    least = looks_over_m(eye_height_m)
    stands = stands_of(obstacles, np.array([x]), np.array([y]), np.array([least]))
    rows = np.setdiff1d(obstacles.around(within), stands.past)
    edges = _relative(obstacles, rows[~obstacles.is_lower(rows, eye_height_m)], x, y)
    how = int(stands.how[0])
    if how != ON_WALL:
        return Stand(x=x, y=y, edges=edges, blocked=np.empty((0, 2)), is_inside=how == INSIDE)
    walls = stands.walls if len(stands.walls) else _own(obstacles, stands.past)
    wall = on_wall(walls - np.array([x, y, x, y]))
    blocked = np.arctan2(wall.shut[:, [1, 3]], wall.shut[:, [0, 2]])
    moved = np.vstack([edges - np.array([wall.x, wall.y] * 2), wall.kept])
    return Stand(x=x + wall.x, y=y + wall.y, edges=moved, blocked=blocked, is_on_wall=True)


def stands_of(obstacles: Obstacles, x: Floats, y: Floats, least_m: Floats) -> Stands:
    """Return how eyes at x, y stand among the obstacles that are at least `least_m` high, or of unknown height."""
    how, first, past = standings(obstacles.houses, x, y, least_m)
    unsure = np.flatnonzero(how == UNSURE)
    touched = np.split(past, first[1:-1]) if len(unsure) else []
    walls = [NO_EDGES] * len(unsure)
    for at, eye in enumerate(unsure):
        how[eye], touched[eye], walls[at] = _among(obstacles, touched[eye], shapely.Point(x[eye], y[eye]))
    if len(unsure):
        first, past = _ends([len(some) for some in touched]), np.concatenate(touched)
    counts = np.zeros(len(x), dtype=np.int64)
    counts[unsure] = [len(some) for some in walls]
    return Stands(how, first, past, _ends(counts), np.vstack([NO_EDGES, *walls]))


def _among(obstacles: Obstacles, rows: Whole, eye: shapely.Point) -> tuple[int, Whole, Floats]:
    """Return how an eye stands that touches several footprints: by what they are together."""
    merged = shapely.union_all(obstacles.footprints[np.sort(rows)])
    if shapely.contains_properly(merged, eye) and shapely.distance(eye, shapely.boundary(merged)) > WALL_M:
        # An eye on the wall of one house and inside another is inside both, on whichever side rounding has put it.
        return INSIDE, rows[shapely.distance(obstacles.footprints[rows], eye) <= TOUCH_M], NO_EDGES
    if shapely.distance(eye, merged) > TOUCH_M:
        return OPEN, rows[:0], NO_EDGES
    return ON_WALL, rows, _edges(_repaired(np.array([merged], dtype=object))[0])


def _ends(counts: ArrayLike) -> Whole:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _own(obstacles: Obstacles, rows: Whole) -> Floats:
    """Return the edges of footprints."""
    counts = obstacles.first[rows + 1] - obstacles.first[rows]
    inside = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.asarray(obstacles.edges[np.repeat(obstacles.first[rows], counts) + inside])


def _relative(obstacles: Obstacles, rows: Whole, x: float, y: float) -> Floats:
    return np.asarray(_own(obstacles, rows) - np.array([x, y, x, y]))


def _cleaned(footprints: NDArray[np.object_]) -> tuple[NDArray[np.object_], Whole, Floats, Whole]:
    """Return valid polygons with the solid on the left of every ring, the rows they came from, and their edges."""
    is_plain = (shapely.get_type_id(footprints) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(footprints)
    is_plain &= shapely.get_num_interior_rings(footprints) == 0
    rows = np.flatnonzero(is_plain)
    plain = footprints if len(rows) == len(footprints) else footprints[rows]
    points, starts = shapely.get_coordinates(plain), _ends(shapely.get_num_coordinates(plain))
    sides = sides_of(points, starts)
    edges, first = edges_of(points, starts, sides)
    plain = _turned(plain, sides == RIGHT)
    sound = sides != DOUBT
    is_left = np.ones(len(footprints), dtype=bool)
    is_left[rows[sound]] = False
    left = np.flatnonzero(is_left)
    if not len(left):
        return plain, rows, edges, first
    odd, odd_rows = _repaired(footprints[left])
    counts = shapely.get_num_coordinates(odd) - 1 - shapely.get_num_interior_rings(odd)
    every = np.concatenate([first, first[-1] + np.cumsum(counts)]).astype(np.int64)
    return np.r_[plain[sound], odd], np.r_[rows[sound], left[odd_rows]], np.vstack([edges, _edges(odd)]), every


def _turned(polygons: NDArray[np.object_], is_wrong: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Return flat polygons, those that are wrong way round with the solid on the left."""
    turned, has_z = polygons.copy(), shapely.has_z(polygons)
    turned[has_z] = shapely.force_2d(turned[has_z])
    turned[is_wrong] = shapely.orient_polygons(turned[is_wrong])
    return turned


def _repaired(footprints: NDArray[np.object_]) -> tuple[NDArray[np.object_], Whole]:
    """Return valid polygons with the solid on the left of every ring, and the rows they came from."""
    rows = np.flatnonzero(~(shapely.is_missing(footprints) | shapely.is_empty(footprints)))
    flat = shapely.force_2d(footprints[rows])
    # A corner that is not a number is missing from the bounds, but not from the area.
    near = (np.abs(shapely.bounds(flat).reshape(-1, 4)) <= FARTHEST_M).all(axis=1) & np.isfinite(shapely.area(flat))
    flat, rows = flat[near], rows[near]
    broken = ~shapely.is_valid(flat)
    flat[broken] = shapely.make_valid(flat[broken])
    parts, of_valid = shapely.get_parts(shapely.remove_repeated_points(flat), return_index=True)
    parts, of_part = shapely.get_parts(parts, return_index=True)
    solids = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & (shapely.area(parts) > 0)
    rows = rows[of_valid[of_part]][solids]
    return np.asarray(shapely.orient_polygons(parts[solids]), dtype=object), rows


def _heights(heights_m: Heights, count: int) -> Floats:
    if heights_m is None:
        return np.full(count, np.nan)
    heights = np.asarray(heights_m, dtype=np.float64)
    if heights.shape != (count,):
        raise WrongHeights(f"There are {heights.size} heights for {count} footprints. Give one each, NaN if unknown.")
    return np.where(np.isfinite(heights) & (heights >= 0), heights, np.nan)


def _edges(polygons: NDArray[np.object_]) -> Floats:
    rings = shapely.get_rings(polygons)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    return np.hstack([points[:-1][same], points[1:][same]]) if len(points) else NO_EDGES


def to_metres(geometry: NDArray[np.object_], *, crs: str) -> NDArray[np.object_]:
    """Return lng, lat geometries (EPSG:4326) in `crs`."""
    return _moved(geometry, LNGLAT, crs)


def to_lnglat(geometry: NDArray[np.object_], *, crs: str) -> NDArray[np.object_]:
    """Return geometries in `crs` as lng, lat (EPSG:4326), cut in two where they cross the antimeridian."""
    moved = _moved(geometry, crs, LNGLAT)
    bounds = shapely.bounds(moved)
    for row in np.flatnonzero(bounds[:, 2] - bounds[:, 0] > 180):
        moved[row] = _cut(moved[row])
    return moved


def _cut(geometry: shapely.Geometry) -> shapely.Geometry:
    """Return a geometry that jumps from 180 to -180 as its parts on either side."""
    beyond = shapely.transform(geometry, lambda points: points + np.where(points[:, :1] < 0, (360.0, 0.0), 0.0))
    east, west = (shapely.intersection(beyond, shapely.box(side, -90, side + 180, 90)) for side in (0, 180))
    return shapely.union(east, shapely.transform(west, lambda points: points - (360.0, 0.0)))


def _moved(geometry: NDArray[np.object_], source: str, target: str) -> NDArray[np.object_]:
    turn = _turn(source, target)
    return np.asarray(shapely.transform(geometry, lambda x, y: turn.transform(x, y), interleaved=False), dtype=object)


@lru_cache(maxsize=32)
def _turn(source: str, target: str) -> pyproj.Transformer:
    # Finding the way between two systems takes a quarter of a second; going it takes microseconds.
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


@lru_cache(maxsize=32)
def _require_metric(crs: str) -> None:
    frame = pyproj.CRS.from_user_input(crs)
    if not frame.is_projected or {axis.unit_name for axis in frame.axis_info} != {"metre"}:
        raise NotMetric(f"{crs} is not a projected CRS of metres. Use the UTM or Gauss-Kruger zone of the place.")
