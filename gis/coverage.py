"""What a camera sees from its pose and the buildings around it; see gis/gaps.py for what no camera sees.

Everything is computed in a projected CRS of metres, stated by the obstacles. Lengths and areas are those of that CRS.

- Reach and near blind zone follow from the pose: see gis/poses.py.
- A building lower than the camera hides itself and a shadow (gis/heights.py); where either height is unknown it hides
  completely, and the view is a lower bound. Trees, walls and ground that no footprint tells of make it an upper bound.
- Nothing is sampled: see gis/sweep.py for the sweep and gis/outline.py for how arcs keep their area.
- One camera and 100,000 go the same way (gis/looking.py): `view` is `views` of one.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import compress

import numpy as np
import shapely
from numpy.typing import NDArray

from data.types import Pose
from gis.grid import Floats
from gis.heights import ignores_heights, over_roofs
from gis.looking import Looks, looks_of
from gis.obstacles import Obstacles, to_lnglat
from gis.outline import Surface, shapes
from gis.poses import (
    DETECT_PX_PER_M,
    GUESSED_HFOV_DEG,
    GUESSED_WIDTH_PX,
    Poses,
    WrongPose,
    directions,
    fans_of,
    nears_m,
    reaches_m,
    upper_edges_m,
)
from gis.rims import Rims
from gis.stands import INSIDE, ON_WALL, OPEN
from gis.sweep import Fan

__all__ = [
    "DETECT_PX_PER_M",
    "GUESSED_HFOV_DEG",
    "GUESSED_WIDTH_PX",
    "CoverageFlag",
    "LooksOverRoofs",
    "View",
    "ViewArrays",
    "WrongPose",
    "fan_of",
    "in_lnglat",
    "near_m",
    "reach_m",
    "view",
    "view_arrays",
    "view_lnglat",
    "views",
]


class LooksOverRoofs(ValueError):
    """Cameras that look over lower buildings, asked of a function that cuts no shadows of roofs."""


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


_COLUMN = {flag: column for column, flag in enumerate(CoverageFlag)}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewArrays:
    """What many cameras see, one row a camera, in the CRS of the obstacles; areas in m².

    Bit k of `flags` is the k-th CoverageFlag. View k has the parts parts[k] to parts[k + 1] of `outlines`, part p the
    rings rings[p] to rings[p + 1], of which those after the first are holes, and ring r the points ends[r] to
    ends[r + 1]. They are as swept: a part may touch itself, as `shapes` of gis/outline.py repairs.
    """

    places: Floats
    area_m2: Floats
    sector_m2: Floats
    flags: NDArray[np.uint32]
    outlines: Rims | None


def view(pose: Pose, obstacles: Obstacles, *, px_per_m: float = DETECT_PX_PER_M) -> View:
    """Return what a camera sees between the obstacles, in their CRS.

    The camera is moved by at most 5 cm, onto the wall it hangs on. Never raises for odd footprints, and WrongPose for
    a pose no camera can have or one outside the CRS.
    """
    return views([pose], obstacles, px_per_m=px_per_m)[0]


def views(poses: Sequence[Pose], obstacles: Obstacles, *, px_per_m: float = DETECT_PX_PER_M) -> list[View]:
    """Return what each of many cameras sees, as `view` does for one, on all cores."""
    if not poses:
        return []
    columns = Poses.of(poses)
    looks = looks_of(fans_of(columns, crs=obstacles.crs, px_per_m=px_per_m), obstacles)
    flags = _claims(columns, looks)
    seen, open_ground = shapes(looks.rims()), shapes(looks.open_rims())
    heights_m = columns["height_m"]
    areas = looks.area_m2.copy()
    for row in np.flatnonzero(~np.isnan(heights_m) & (looks.fans.area_m2 > 0)):
        how = {"eye_height_m": float(heights_m[row])}
        if flags[row, _COLUMN[CoverageFlag.HEIGHTS_IGNORED]]:
            flags[row, _COLUMN[CoverageFlag.HEIGHTS_IGNORED]] = ignores_heights(seen[row], obstacles, **how)
        left = over_roofs(seen[row], obstacles, eye=looks.places[row], **how)
        if left is not seen[row]:
            seen[row], areas[row] = left, min(areas[row], left.area)
    every = zip(seen, open_ground, areas.tolist(), looks.fans.area_m2.tolist(), flags.tolist(), strict=True)
    return [_view(*each) for each in every]


def view_arrays(
    poses: Sequence[Pose], obstacles: Obstacles, *, px_per_m: float = DETECT_PX_PER_M, outlines: bool = True
) -> ViewArrays:
    """Return what many cameras see as arrays, without a geometry object for each; areas and flags as `views` has them.

    Cameras that look over lower roofs are the exception: raises LooksOverRoofs, as only `views` cuts their shadows.
    """
    columns = Poses.of(poses)
    fans = fans_of(columns, crs=obstacles.crs, px_per_m=px_per_m)
    if np.isfinite(fans.least_m).any() and np.isfinite(obstacles.heights_m).any():
        raise LooksOverRoofs("Cameras and buildings have heights. Use views, or leave the heights out.")
    looks = looks_of(fans, obstacles)
    bits = (_claims(columns, looks) << np.arange(len(CoverageFlag))).sum(axis=1)
    return ViewArrays(
        places=looks.places,
        area_m2=looks.area_m2,
        sector_m2=fans.area_m2,
        flags=bits.astype(np.uint32),
        outlines=looks.rims() if outlines else None,
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
    return float(reaches_m(Poses.of([pose]), px_per_m=px_per_m)[0])


def near_m(pose: Pose) -> float | None:
    """Return the radius of the blind zone at the foot of the pole; None when a field it needs is unknown."""
    near = float(nears_m(Poses.of([pose]))[0])
    return None if math.isnan(near) else near


def fan_of(pose: Pose, *, px_per_m: float = DETECT_PX_PER_M, convergence_deg: float = 0.0) -> Fan:
    """Return the directions and distances a pose covers, with grid north `convergence_deg` east of true north."""
    start, width = directions(Poses.of([pose]), convergence_deg)
    reach = reach_m(pose, px_per_m=px_per_m)
    return Fan(start=float(start[0]), width=float(width[0]), reach=reach, near=min(near_m(pose) or 0.0, reach))


def _claims(poses: Poses, looks: Looks) -> NDArray[np.bool_]:
    """Return which flags hold for which camera, in the order of CoverageFlag."""
    fans, is_round = looks.fans, np.isnan(poses["bearing_deg"])
    sees = fans.area_m2 > 0
    is_open = ~looks.knows_buildings & (looks.how == OPEN)
    claims = {
        CoverageFlag.ALL_ROUND: is_round,
        CoverageFlag.BEARING_DOUBT: ~is_round & (poses["bearing_doubt_deg"] > 0),
        CoverageFlag.HFOV_GUESSED: ~poses.is_known("hfov_deg"),
        CoverageFlag.WIDTH_GUESSED: ~poses.is_known("width_px") & np.isnan(poses["reach_m"]),
        CoverageFlag.NEAR_ZONE_IGNORED: np.isnan(nears_m(poses)),
        CoverageFlag.UPPER_EDGE_IGNORED: upper_edges_m(poses) < fans.reach,
        CoverageFlag.SEES_NO_GROUND: ~sees,
        CoverageFlag.HEIGHTS_IGNORED: sees & (looks.area_m2 < fans.area_m2 * (1 - 1e-12)),
        CoverageFlag.ON_WALL: sees & (looks.how == ON_WALL),
        CoverageFlag.INSIDE_BUILDING: sees & (looks.how == INSIDE),
        CoverageFlag.NO_BUILDINGS_KNOWN: sees & is_open,
    }
    return np.stack([claims[flag] for flag in CoverageFlag], axis=1)


def _view(seen: Surface, open_ground: Surface, area_m2: float, sector_m2: float, claims: list[bool]) -> View:
    return View(
        polygon=seen,
        sector=open_ground,
        area_m2=area_m2,
        sector_m2=sector_m2,
        share=area_m2 / sector_m2 if sector_m2 > 0 else 0.0,
        flags=tuple(compress(CoverageFlag, claims)),
    )
