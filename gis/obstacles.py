"""Building footprints as obstacles: cleaned once, found fast, and laid out around one eye.

The camera on a wall or a corner is the normal case, and where it stands to a rounding error decides everything.
So an eye that touches a wall, or lies at most WALL_M inside it, is put exactly on the wall, and the directions into
the building are blocked by name, not by an edge at distance zero. An eye deeper inside is reported, and its building
is left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self, TypeAlias

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.sweep import Floats

WALL_M = 0.05
CORNER_M = 0.01
TOUCH_M = 1e-6
# A roof this close below the eye hides as if it were above: its shadow would be longer than any reach.
LEVEL_WITH_M = 0.001
LNGLAT = "EPSG:4326"
NO_EDGES = np.empty((0, 4))

Heights: TypeAlias = Sequence[float] | Floats | None


class NotMetric(ValueError):
    """A CRS that is not projected in metres; the message says what to use instead."""


class WrongHeights(ValueError):
    """Heights that cannot belong to the footprints; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacles:
    """Footprints in a projected CRS of metres, with their edges and a tree to find them.

    Rows first[k] to first[k + 1] of `edges` (x0, y0, x1, y1, solid on the left) belong to footprint k, whose height
    above its ground is heights_m[k], NaN where unknown.
    """

    crs: str
    footprints: NDArray[np.object_]
    heights_m: Floats
    edges: Floats
    first: NDArray[np.intp]
    tree: shapely.STRtree

    @classmethod
    def of(cls, footprints: Iterable[shapely.Geometry | None], *, crs: str, heights_m: Heights = None) -> Self:
        """Return footprints given in `crs` as obstacles; invalid rings are repaired, what has no area is dropped.

        `heights_m` is one number a footprint; NaN, negative and infinite ones are unknown. Raises NotMetric when `crs`
        is not a projected CRS of metres, and WrongHeights when there are more or fewer heights than footprints.
        """
        _require_metric(crs)
        given = np.array(list(footprints), dtype=object)
        clean, rows = _clean(given)
        counts = shapely.get_num_coordinates(clean) - 1 - shapely.get_num_interior_rings(clean)
        return cls(
            crs=crs,
            footprints=clean,
            heights_m=_heights(heights_m, len(given))[rows],
            edges=_edges(clean),
            first=np.r_[0, np.cumsum(counts)].astype(np.intp),
            tree=shapely.STRtree(clean),
        )

    @classmethod
    def of_lnglat(cls, footprints: Iterable[shapely.Geometry | None], *, crs: str, heights_m: Heights = None) -> Self:
        """Return footprints given in lng, lat (EPSG:4326) as obstacles in `crs`."""
        _require_metric(crs)
        moved = to_metres(np.array(list(footprints), dtype=object), crs=crs)
        return cls.of(list(moved), crs=crs, heights_m=heights_m)

    def around(self, box: shapely.Geometry) -> NDArray[np.intp]:
        """Return the rows of the footprints whose boxes meet that of a geometry, in their order."""
        return np.sort(self.tree.query(box))

    def is_lower(self, rows: NDArray[np.intp], eye_height_m: float | None) -> NDArray[np.bool_]:
        """Return which of these footprints an eye looks over: none when its height or theirs is unknown."""
        least = -np.inf if eye_height_m is None else eye_height_m - LEVEL_WITH_M
        return np.asarray(self.heights_m[rows] < least)


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


def stand(
    x: float, y: float, obstacles: Obstacles, *, within: shapely.Geometry, eye_height_m: float | None = None
) -> Stand:
    """Return how an eye at x, y stands among the obstacles that meet the box of `within` and are not lower than it."""
    eye = shapely.Point(x, y)
    rows = obstacles.around(within)
    touching = obstacles.tree.query(eye, predicate="dwithin", distance=WALL_M)
    if eye_height_m is not None:
        rows, touching = (some[~obstacles.is_lower(some, eye_height_m)] for some in (rows, touching))
    if not len(touching):
        return Stand(x=x, y=y, edges=_relative(obstacles, rows, x, y), blocked=np.empty((0, 2)))
    merged = shapely.union_all(obstacles.footprints[np.sort(touching)])
    depth = shapely.distance(eye, shapely.boundary(merged))
    if shapely.contains_properly(merged, eye) and depth > WALL_M:
        return _inside(eye, obstacles, np.setdiff1d(rows, touching), touching)
    others = _relative(obstacles, np.setdiff1d(rows, touching), x, y)
    walls = _edges(_clean(np.array([merged], dtype=object))[0]) - np.array([x, y, x, y])
    if shapely.distance(eye, merged) > TOUCH_M:
        return Stand(x=x, y=y, edges=np.vstack([others, walls]), blocked=np.empty((0, 2)))
    return _on_wall(eye, walls, others)


def _inside(eye: shapely.Point, obstacles: Obstacles, rows: NDArray[np.intp], near: NDArray[np.intp]) -> Stand:
    """Leave out the buildings that hold the eye; those it only touches keep hiding what is behind them."""
    # An eye on the wall of one house and inside another is inside both, on whichever side rounding has put it.
    beside = near[shapely.distance(obstacles.footprints[near], eye) > TOUCH_M]
    edges = _relative(obstacles, np.sort(np.r_[rows, beside]), eye.x, eye.y)
    return Stand(x=eye.x, y=eye.y, edges=edges, blocked=np.empty((0, 2)), is_inside=True)


def _on_wall(eye: shapely.Point, walls: Floats, others: Floats) -> Stand:
    """Put the eye on the nearest wall or corner, and shut the directions into the building."""
    foot, row = _foot(walls)
    walls, others = walls - np.tile(foot, 2), others - np.tile(foot, 2)
    leaving = np.flatnonzero((walls[:, :2] == 0).all(axis=1))
    arriving = np.flatnonzero((walls[:, 2:] == 0).all(axis=1))
    if len(leaving):
        blocked = _corners(walls, leaving, arriving)
    else:
        leaving = np.array([row])
        blocked = np.arctan2(walls[[row]][:, [3, 1]], walls[[row]][:, [2, 0]])
    kept = np.delete(walls, np.r_[leaving, arriving], axis=0)
    x, y = eye.x + foot[0], eye.y + foot[1]
    return Stand(x=x, y=y, edges=np.vstack([others, kept]), blocked=blocked, is_on_wall=True)


def _foot(walls: Floats) -> tuple[Floats, int]:
    """Return the point of the walls nearest to the origin, a corner before a wall, and the row of its wall."""
    at, along = walls[:, :2], walls[:, 2:] - walls[:, :2]
    share = -np.einsum("ij,ij->i", at, along) / np.einsum("ij,ij->i", along, along)
    feet = at + np.clip(share, 0.0, 1.0)[:, None] * along
    row = int(np.argmin(np.hypot(feet[:, 0], feet[:, 1])))
    apart = np.hypot(*(at - feet[row]).T)
    corner = int(np.argmin(apart))
    return (at[corner], corner) if apart[corner] <= CORNER_M else (feet[row], row)


def _corners(walls: Floats, leaving: NDArray[np.intp], arriving: NDArray[np.intp]) -> Floats:
    """Return the inner angles at the origin, between each wall that leaves it and the one that arrived before."""
    low = np.arctan2(walls[leaving, 3], walls[leaving, 2])
    ends = np.arctan2(walls[arriving, 1], walls[arriving, 0])
    # Where two rings touch in the corner, the inner angle of a wall ends at the next wall counter-clockwise.
    turn = np.mod(ends[None, :] - low[:, None], 2 * np.pi)
    return np.stack([low, ends[np.argmin(turn, axis=1)]], axis=1)


def _relative(obstacles: Obstacles, rows: NDArray[np.intp], x: float, y: float) -> Floats:
    if not len(rows):
        return NO_EDGES
    counts = obstacles.first[rows + 1] - obstacles.first[rows]
    inside = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.asarray(obstacles.edges[np.repeat(obstacles.first[rows], counts) + inside] - np.array([x, y, x, y]))


def _clean(footprints: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Return valid polygons with the solid on the left of every ring, and the rows they came from."""
    rows = np.flatnonzero(~(shapely.is_missing(footprints) | shapely.is_empty(footprints)))
    flat = shapely.force_2d(footprints[rows])
    finite = np.isfinite(shapely.bounds(flat)).all(axis=1)
    valid = shapely.remove_repeated_points(shapely.make_valid(flat[finite]))
    parts, of_valid = shapely.get_parts(valid, return_index=True)
    parts, of_part = shapely.get_parts(parts, return_index=True)
    solids = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & (shapely.area(parts) > 0)
    rows = rows[finite][of_valid[of_part]][solids]
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
    """Return geometries in `crs` as lng, lat (EPSG:4326)."""
    return _moved(geometry, crs, LNGLAT)


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
