"""What a camera sees from its pose and the buildings around it; see gis/gaps.py for what no camera sees.

Everything is computed in a projected CRS of metres, stated by the obstacles. Lengths and areas are those of that CRS.

- Reach: the distance at which a picture still has `px_per_m` pixels to a metre, W / (2 · density · tan(HFOV / 2))
  (IEC 62676-4 gives the densities), or the stated reach_m where that is smaller. From 180° the flat formula has no
  meaning and the pixels are spread along the arc. With reach_m alone known, it holds as it is.
- Near blind zone: height · tan(90° − tilt − VFOV / 2) around the eye, cut only when all three are known.
- A building lower than the camera hides itself and a shadow (gis/heights.py); where either height is unknown it hides
  completely, and the view is a lower bound. Trees, walls and ground that no footprint tells of make it an upper bound.
- Nothing is sampled: see gis/sweep.py for the sweep and gis/outline.py for how arcs keep their area.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

import numpy as np
import pyproj
import shapely
from shapely.geometry import Polygon

from data.types import Pose
from gis.heights import ignores_heights, over_roofs
from gis.obstacles import LNGLAT, Obstacles, Stand, stand, to_lnglat
from gis.outline import Surface, outline, sector
from gis.sweep import FULL_TURN, Fan, Floats, sweep

DETECT_PX_PER_M = 25.0
GUESSED_HFOV_DEG = 90.0
GUESSED_WIDTH_PX = 1920


class CoverageFlag(StrEnum):
    """What a reader of a view or a share must know: what was guessed, left out or moved."""

    ALL_ROUND = "all_round"  # no bearing: everything it could see if it turned, never all at once
    BEARING_DOUBT = "bearing_doubt"  # the bearing is known roughly only; the view may be turned by that much
    HFOV_GUESSED = "hfov_guessed"
    WIDTH_GUESSED = "width_guessed"
    NEAR_ZONE_IGNORED = "near_zone_ignored"  # height, tilt or vertical angle unknown: no near blind zone cut
    UPPER_EDGE_IGNORED = "upper_edge_ignored"  # the picture's upper edge meets the ground before the reach
    SEES_NO_GROUND = "sees_no_ground"  # the near blind zone is larger than the reach
    HEIGHTS_IGNORED = "heights_ignored"  # heights unknown, buildings hide completely: a lower bound over roofs
    ON_WALL = "on_wall"  # stands on a building, which hides all behind its wall
    INSIDE_BUILDING = "inside_building"  # stands inside a footprint, which was left out: check the position
    NO_BUILDINGS_KNOWN = "no_buildings_known"  # nothing could hide anything: an upper bound


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a camera sees: `polygon` of the `sector` it would see on open ground, in the CRS of the obstacles.

    Areas in m², from the sweep and not from the polygons; `share` is area_m2 / sector_m2, 0 for an empty sector.
    """

    polygon: Surface
    sector: Surface
    area_m2: float
    sector_m2: float
    share: float
    flags: tuple[CoverageFlag, ...]


def view(pose: Pose, obstacles: Obstacles, *, px_per_m: float = DETECT_PX_PER_M) -> View:
    """Return what a camera sees between the obstacles, in their CRS.

    The camera is moved by at most 5 cm, onto the wall it hangs on. Never raises for odd footprints.
    """
    x, y, convergence_deg = _on_grid(pose, obstacles.crs)
    fan = fan_of(pose, px_per_m=px_per_m, convergence_deg=convergence_deg)
    flags = _pose_flags(pose, fan)
    if fan.area_m2 <= 0:
        return _nothing(flags | {CoverageFlag.SEES_NO_GROUND})
    open_ground = sector(fan)
    # A wall inside the near blind zone hides what lies beyond it, so buildings are looked for from the eye on.
    within = _at(sector(replace(fan, near=0.0)), np.array([x, y]))
    stands = stand(x, y, obstacles, within=within, eye_height_m=pose.height_m)
    seen = sweep(stands.edges, fan, blocked=stands.blocked)
    moved = np.array([stands.x, stands.y])
    polygon, area_m2 = _at(outline(seen), moved), min(seen.area_m2, fan.area_m2)
    hidden = area_m2 < fan.area_m2 * (1 - 1e-12)
    if pose.height_m is not None:
        hidden = hidden and ignores_heights(polygon, obstacles, eye_height_m=pose.height_m)
        left = over_roofs(polygon, obstacles, eye=moved, eye_height_m=pose.height_m)
        polygon, area_m2 = left, area_m2 if left is polygon else min(area_m2, left.area)
    return View(
        polygon=polygon,
        sector=_at(open_ground, moved),
        area_m2=area_m2,
        sector_m2=fan.area_m2,
        share=area_m2 / fan.area_m2,
        flags=_sorted(flags | _stand_flags(stands, hidden=hidden, known=len(obstacles.around(within)) > 0)),
    )


def view_lnglat(
    pose: Pose, footprints: Iterable[shapely.Geometry | None], *, crs: str, px_per_m: float = DETECT_PX_PER_M
) -> View:
    """Return what a camera sees between footprints in lng, lat; the polygons come back in lng, lat (EPSG:4326)."""
    return in_lnglat(view(pose, Obstacles.of_lnglat(footprints, crs=crs), px_per_m=px_per_m), crs=crs)


def in_lnglat(seen: View, *, crs: str) -> View:
    """Return a view computed in `crs` with its polygons in lng, lat (EPSG:4326); areas stay those of `crs`."""
    polygon, open_ground = to_lnglat(np.array([seen.polygon, seen.sector], dtype=object), crs=crs)
    return replace(seen, polygon=polygon, sector=open_ground)


def reach_m(pose: Pose, *, px_per_m: float = DETECT_PX_PER_M) -> float:
    """Return how far a camera sees at a pixel density, or its stated reach where that is smaller."""
    if pose.width_px is None and pose.reach_m is not None:
        return pose.reach_m
    width_px = pose.width_px or GUESSED_WIDTH_PX
    hfov = math.radians(pose.hfov_deg or GUESSED_HFOV_DEG)
    dense = width_px / (px_per_m * (2 * math.tan(hfov / 2) if hfov < math.pi else hfov))
    return dense if pose.reach_m is None else min(dense, pose.reach_m)


def near_m(pose: Pose) -> float | None:
    """Return the radius of the blind zone at the foot of the pole; None when a field it needs is unknown."""
    if pose.height_m is None or pose.tilt_deg is None or pose.vfov_deg is None:
        return None
    lowest_deg = pose.tilt_deg + pose.vfov_deg / 2
    if lowest_deg <= 0:
        return math.inf
    return max(0.0, pose.height_m * math.tan(math.radians(90 - lowest_deg))) if lowest_deg < 90 else 0.0


def fan_of(pose: Pose, *, px_per_m: float = DETECT_PX_PER_M, convergence_deg: float = 0.0) -> Fan:
    """Return the directions and distances a pose covers, with grid north `convergence_deg` east of true north."""
    width_deg = min(360.0, pose.hfov_deg or GUESSED_HFOV_DEG) if pose.bearing_deg is not None else 360.0
    right_deg = (pose.bearing_deg or 0.0) - convergence_deg + width_deg / 2
    return Fan(
        start=math.radians((90.0 - right_deg) % 360.0),
        width=FULL_TURN if width_deg == 360.0 else math.radians(width_deg),
        reach=reach_m(pose, px_per_m=px_per_m),
        near=min(near_m(pose) or 0.0, reach_m(pose, px_per_m=px_per_m)),
    )


@lru_cache(maxsize=16)
def _frame(crs: str) -> tuple[pyproj.Transformer, pyproj.Proj]:
    return pyproj.Transformer.from_crs(LNGLAT, crs, always_xy=True), pyproj.Proj(crs)


def _on_grid(pose: Pose, crs: str) -> tuple[float, float, float]:
    """Return x, y and by how many degrees grid north lies east of true north there."""
    to_grid, frame = _frame(crs)
    x, y = to_grid.transform(pose.lng, pose.lat)
    return x, y, float(frame.get_factors(pose.lng, pose.lat).meridian_convergence)


def _pose_flags(pose: Pose, fan: Fan) -> set[CoverageFlag]:
    claims = {
        CoverageFlag.ALL_ROUND: pose.bearing_deg is None,
        CoverageFlag.BEARING_DOUBT: pose.bearing_deg is not None and pose.bearing_doubt_deg > 0,
        CoverageFlag.HFOV_GUESSED: pose.hfov_deg is None,
        CoverageFlag.WIDTH_GUESSED: pose.width_px is None and pose.reach_m is None,
        CoverageFlag.NEAR_ZONE_IGNORED: near_m(pose) is None,
        CoverageFlag.UPPER_EDGE_IGNORED: _upper_edge_m(pose) < fan.reach,
    }
    return {flag for flag, holds in claims.items() if holds}


def _upper_edge_m(pose: Pose) -> float:
    """Return where the upper edge of the picture meets the ground; inf when it does not or is unknown."""
    if pose.height_m is None or pose.tilt_deg is None or pose.vfov_deg is None:
        return math.inf
    highest_deg = pose.tilt_deg - pose.vfov_deg / 2
    return pose.height_m / math.tan(math.radians(highest_deg)) if 0 < highest_deg < 90 else math.inf


def _stand_flags(stands: Stand, *, hidden: bool, known: bool) -> set[CoverageFlag]:
    claims = {
        CoverageFlag.ON_WALL: stands.is_on_wall,
        CoverageFlag.INSIDE_BUILDING: stands.is_inside,
        CoverageFlag.HEIGHTS_IGNORED: hidden,
        CoverageFlag.NO_BUILDINGS_KNOWN: not (known or len(stands.edges)),
    }
    return {flag for flag, holds in claims.items() if holds}


def _nothing(flags: set[CoverageFlag]) -> View:
    empty = Polygon()
    return View(polygon=empty, sector=empty, area_m2=0.0, sector_m2=0.0, share=0.0, flags=_sorted(flags))


def _sorted(flags: set[CoverageFlag]) -> tuple[CoverageFlag, ...]:
    return tuple(flag for flag in CoverageFlag if flag in flags)


def _at(geometry: Surface, moved: Floats) -> Surface:
    placed: Surface = shapely.transform(geometry, lambda points: points + moved)
    return placed
