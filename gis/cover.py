"""What cameras see of areas, from poses, footprints and a model of the ground alone: views, doubt and shares.

Everything goes in and comes out in lng, lat (EPSG:4326). Metres are those of the county's projected CRS; where
cameras lie in several of its zones, each is computed in its own.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon

from data.types import Pose
from gis.coords import CHINA_RECTANGLE, county_crs
from gis.coverage import DETECT_PX_PER_M, CoverageFlag, View, views
from gis.doubt import Doubt, at_presets, doubts_of, of_presets, sure
from gis.obstacles import Obstacles, to_lnglat, to_metres
from gis.outline import Surface, solid
from gis.shares import AreaShare, area_share
from gis.sweep import Floats
from gis.terrain import Terrain, over_ground

Shapes = NDArray[np.object_]
# Beyond this nothing can hide or be seen: no camera reaches so far.
_FAR_DEG = 0.2
_TOUCH_M = 0.01


class CoverFlag(StrEnum):
    """What a reader must know of a view beyond its CoverageFlags."""

    HEIGHTS_GUESSED = "heights_guessed"  # heights of buildings in its view are storeys × 3 m
    PRESETS = "presets"  # it turns between presets: all it sees of them, never all at once
    TERRAIN = "terrain"  # the ground hides parts, known to about one cell of the model
    TERRAIN_UNKNOWN = "terrain_unknown"  # its height is unknown, or the model of the ground does not cover its view


@dataclass(frozen=True, slots=True, kw_only=True)
class Eye:
    """A camera to be computed: its pose, its presets where it has several, and whether it sees all round at once.

    An eye that sees all round has no doubt; a pose without a bearing alone may look anywhere.
    """

    code: str
    pose: Pose
    presets_deg: tuple[float, ...] = ()
    sees_all_round: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What can hide: footprints in lng, lat, their heights in metres (NaN unknown, `guessed` from storeys), terrain."""

    footprints: Shapes = field(default_factory=lambda: np.empty(0, dtype=object))
    heights_m: Floats = field(default_factory=lambda: np.empty(0))
    guessed: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=bool))
    terrain: Terrain | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """What one camera sees, in the metres of `crs`: its view, how sure it is, and what must be known of it."""

    code: str
    crs: str
    view: View
    doubt: Doubt
    flags: tuple[str, ...]


def covered(eyes: Sequence[Eye], ground: Ground, *, px_per_m: float = DETECT_PX_PER_M) -> list[Covered]:
    """Return what every camera sees, in the order given.

    Raises gis.coverage.WrongPose for a pose no camera can have.
    """
    found: dict[int, Covered] = {}
    for crs, rows in _zones([eye.pose for eye in eyes]).items():
        here = [eyes[row] for row in rows]
        near = _near(ground.footprints, [eye.pose for eye in here])
        metric = to_metres(ground.footprints[near], crs=crs)
        obstacles = Obstacles.of(metric, crs=crs, heights_m=ground.heights_m[near])
        guessed = shapely.STRtree(metric[ground.guessed[near]])
        wholes = _on_flat_ground(here, obstacles, px_per_m)
        for row, eye, (seen, doubt) in zip(rows, here, wholes, strict=True):
            found[row] = _covered(eye, seen, doubt, crs, guessed, ground.terrain)
    return [found[row] for row in range(len(eyes))]


def shares_of(areas: Iterable[Surface], cameras: Sequence[Covered]) -> list[AreaShare]:
    """Return how much of every area the views see; areas in lng, lat."""
    tree = shapely.STRtree([in_lnglat(one.doubt.highest, crs=one.crs) for one in cameras])
    shares = []
    for area in areas:
        crs = county_crs(area.centroid.x, area.centroid.y).to_string()
        near = [cameras[row] for row in np.sort(tree.query(area)).tolist()]
        whole: Surface = to_metres(np.array([area], dtype=object), crs=crs)[0]
        kinds = ("view", "lowest", "highest")
        seen, low, high = ([_in_crs(_part(one, kind), one.crs, crs) for one in near] for kind in kinds)
        shares.append(area_share(whole, seen, lowest=low, highest=high))
    return shares


def in_lnglat(surface: Surface, *, crs: str) -> Surface:
    """Return a surface of metres in lng, lat, cut in two where it crosses the antimeridian."""
    moved: Surface = to_lnglat(np.array([surface], dtype=object), crs=crs)[0]
    if moved.is_empty or moved.bounds[2] - moved.bounds[0] <= 180.0:
        return moved
    eastern = shapely.transform(
        moved, lambda at: np.column_stack([np.where(at[:, 0] < 0, at[:, 0] + 360, at[:, 0]), at[:, 1]])
    )
    halves = [shapely.intersection(eastern, shapely.box(west, -90, west + 180, 90)) for west in (0.0, 180.0)]
    halves[1] = shapely.transform(halves[1], lambda at: at - np.array([360.0, 0.0]))
    return solid(MultiPolygon([part for half in halves for part in shapely.get_parts(solid(half))]))


def _on_flat_ground(eyes: Sequence[Eye], obstacles: Obstacles, px_per_m: float) -> Iterator[tuple[View, Doubt]]:
    """Return what every camera sees over all its presets, and how sure that is."""
    poses = [at_presets(eye.pose, eye.presets_deg) or (eye.pose,) for eye in eyes]
    flat = [pose for some in poses for pose in some]
    seen = views(flat, obstacles, px_per_m=px_per_m)
    doubts = doubts_of(flat, obstacles, px_per_m=px_per_m, seen=seen)
    since = 0
    for eye, some in zip(eyes, poses, strict=True):
        mine = slice(since, since + len(some))
        since += len(some)
        if len(some) > 1:
            yield _together(seen[mine]), of_presets(doubts[mine])
        else:
            yield seen[mine][0], sure(seen[mine][0]) if eye.sees_all_round else doubts[mine][0]


def _covered(
    eye: Eye, seen: View, doubt: Doubt, crs: str, guessed: shapely.STRtree, terrain: Terrain | None
) -> Covered:
    flags: set[str] = {*seen.flags, *([CoverFlag.PRESETS] if len(eye.presets_deg) > 1 else [])}
    if terrain is not None:
        seen, doubt, told = _over_ground(seen, doubt, eye.pose, terrain, crs)
        flags.add(told)
    if eye.pose.height_m is not None and _touches(seen.polygon, guessed):
        flags.add(CoverFlag.HEIGHTS_GUESSED)
    ordered = tuple(str(flag) for flag in (*CoverageFlag, *CoverFlag) if flag in flags)
    return Covered(code=eye.code, crs=crs, view=seen, doubt=doubt, flags=ordered)


def _together(seen: Sequence[View]) -> View:
    """Return what a camera sees over its presets, ground seen at several of them once."""
    polygon = solid(shapely.union_all([one.polygon for one in seen]))
    sector = solid(shapely.union_all([one.sector for one in seen]))
    flags = {flag for one in seen for flag in one.flags}
    return View(
        polygon=polygon,
        sector=sector,
        area_m2=polygon.area,
        sector_m2=sector.area,
        share=min(1.0, polygon.area / sector.area) if sector.area else 0.0,
        flags=tuple(flag for flag in CoverageFlag if flag in flags),
    )


def _over_ground(seen: View, doubt: Doubt, pose: Pose, terrain: Terrain, crs: str) -> tuple[View, Doubt, CoverFlag]:
    """Return what of a view the ground leaves, and what must be said of it."""
    if pose.height_m is None:
        return seen, doubt, CoverFlag.TERRAIN_UNKNOWN
    eye = to_metres(np.array([shapely.Point(pose.lng, pose.lat)], dtype=object), crs=crs)[0]
    at = np.array([eye.x, eye.y])
    surfaces = (seen.polygon, doubt.lowest, doubt.highest)
    cut = [over_ground(one, terrain, eye=at, eye_height_m=pose.height_m, crs=crs) for one in surfaces]
    (polygon, known), (lowest, _), (highest, _) = cut
    left = polygon.area / seen.polygon.area if seen.polygon.area else 1.0
    hidden = View(
        polygon=polygon,
        sector=seen.sector,
        area_m2=seen.area_m2 * left,
        sector_m2=seen.sector_m2,
        share=seen.share * left,
        flags=seen.flags,
    )
    less = Doubt(
        lowest=lowest,
        highest=highest,
        lowest_m2=min(doubt.lowest_m2, lowest.area),
        expected_m2=doubt.expected_m2 * left,
        highest_m2=min(doubt.highest_m2, highest.area),
        is_mean=doubt.is_mean,
    )
    return hidden, less, CoverFlag.TERRAIN if known else CoverFlag.TERRAIN_UNKNOWN


def _touches(polygon: Surface, guessed: shapely.STRtree) -> bool:
    return bool(len(guessed.query(polygon, predicate="dwithin", distance=_TOUCH_M))) if len(guessed) else False


def _part(one: Covered, kind: str) -> Surface:
    return one.view.polygon if kind == "view" else one.doubt.lowest if kind == "lowest" else one.doubt.highest


def _in_crs(surface: Surface, source: str, target: str) -> Surface:
    if source == target or surface.is_empty:
        return surface
    moved: Surface = to_metres(to_lnglat(np.array([surface], dtype=object), crs=source), crs=target)[0]
    return moved


def _zones(poses: Sequence[Pose]) -> Mapping[str, list[int]]:
    """Return the rows of the poses by the CRS their metres are computed in."""
    alike: defaultdict[tuple[int, int, bool, bool], list[int]] = defaultdict(list)
    west, south, east, north = CHINA_RECTANGLE
    for row, pose in enumerate(poses):
        inside = west <= pose.lng <= east and south <= pose.lat <= north
        alike[(math.floor((pose.lng + 1.5) / 3), math.floor(pose.lng / 6), pose.lat >= 0, inside)].append(row)
    zones: defaultdict[str, list[int]] = defaultdict(list)
    for rows in alike.values():
        first = poses[rows[0]]
        zones[county_crs(first.lng, first.lat).to_string()] += rows
    return zones


def _near(footprints: Shapes, poses: Sequence[Pose]) -> NDArray[np.intp]:
    """Return the rows of footprints somewhere near the poses: those of other zones lie nowhere in this one."""
    if not len(footprints):
        return np.empty(0, dtype=np.intp)
    bounds = shapely.bounds(footprints)
    lng, lat = np.array([pose.lng for pose in poses]), np.array([pose.lat for pose in poses])
    beside = (bounds[:, 3] >= lat.min() - _FAR_DEG) & (bounds[:, 1] <= lat.max() + _FAR_DEG)
    wide = _FAR_DEG / max(0.01, math.cos(math.radians(min(89.0, float(np.abs(lat).max())))))
    turned = np.abs(np.mod(bounds[:, 0] - np.median(lng) + 180.0, 360.0) - 180.0)
    spread = np.abs(np.mod(lng - np.median(lng) + 180.0, 360.0) - 180.0).max()
    return np.flatnonzero(beside & (turned <= spread + wide + (bounds[:, 2] - bounds[:, 0])))
