"""Scenes laid out in one town, a kilometre apart, so that one batch of poses meets them all."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import pyproj
import shapely

from data.types import Pose
from gis.obstacles import Obstacles
from tests.gis.exact import Look, Point
from tests.gis.scenery import Scene, polygons
from tests.scenes import ORIGIN_M, ZONE_117

APART_M = 1000.0
HEIGHT_M, VFOV_DEG = 4.0, 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """Scenes with the pose that has the look of each, in order, among the buildings of all."""

    scenes: Sequence[Scene]
    poses: list[Pose]
    obstacles: Obstacles


def town_of(scenes: Sequence[Scene]) -> Town:
    """Put up scenes in a square."""
    poses, houses = [], []
    for row, scene in enumerate(scenes):
        x, y = spot(row, math.isqrt(len(scenes)) + 1)
        poses.append(pose_at(scene.eye, scene.look, x=x, y=y))
        houses += polygons(scene.buildings, x=x, y=y)
    return Town(scenes=scenes, poses=poses, obstacles=Obstacles.of(houses, crs=ZONE_117))


def spot(row: int, columns: int) -> tuple[float, float]:
    """Return where the origin of a scene lies."""
    south, east = divmod(row, columns)
    return ORIGIN_M[0] + (east - columns // 2) * APART_M, ORIGIN_M[1] + south * APART_M


def pose_at(eye: Point, look: Look, *, x: float = ORIGIN_M[0], y: float = ORIGIN_M[1]) -> Pose:
    """Return the pose that has this look from an eye told from x, y; the bearing is turned from grid to true north."""
    to_lnglat, frame = _ways()
    lng, lat = to_lnglat.transform(float(eye[0]) + x, float(eye[1]) + y)
    turned_deg = frame.get_factors(lng, lat).meridian_convergence
    return Pose(
        lng=lng,
        lat=lat,
        bearing_deg=None if look.bearing_deg is None else (look.bearing_deg + turned_deg) % 360,
        hfov_deg=look.width_deg,
        reach_m=look.reach_m,
        height_m=HEIGHT_M if look.near_m else None,
        vfov_deg=VFOV_DEG if look.near_m else None,
        tilt_deg=90 - VFOV_DEG / 2 - math.degrees(math.atan(look.near_m / HEIGHT_M)) if look.near_m else None,
    )


def obstacles_of(houses: Sequence[shapely.Geometry]) -> Obstacles:
    """Return polygons in metres around the origin as obstacles."""
    moved = [shapely.transform(house, lambda points: points + ORIGIN_M) for house in houses]
    return Obstacles.of(moved, crs=ZONE_117)


@lru_cache(maxsize=1)
def _ways() -> tuple[pyproj.Transformer, pyproj.Proj]:
    return pyproj.Transformer.from_crs(ZONE_117, "EPSG:4326", always_xy=True), pyproj.Proj(ZONE_117)
