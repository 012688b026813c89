"""Scenes whose answers are worked out by hand, for every layer that must show the same numbers."""

import math
from dataclasses import dataclass

import pyproj
import shapely
from shapely.geometry import MultiPolygon, Polygon, box

from data.types import Pose

# CGCS2000, 3-degree Gauss-Krüger: the zone gis.coords.county_crs gives there.
ZONE_117 = "EPSG:4548"
# On the central meridian, where grid north is true north; the northing is that of about 30° N.
ORIGIN_M = (500_000.0, 3_320_000.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandScene:
    """One camera, three buildings, one cell, and what must come out; metres in `crs`, lng and lat in EPSG:4326."""

    crs: str
    pose: Pose
    px_per_m: float
    buildings: tuple[Polygon, ...]
    cell: Polygon
    sector_m2: float
    view_m2: float
    cell_m2: float
    open_m2: float

    @property
    def share(self) -> float:
        """Share of the whole cell that is seen."""
        return self.view_m2 / self.cell_m2

    def lnglat(self, geometry: Polygon) -> Polygon:
        """Return a geometry of the scene in lng, lat."""
        return _lnglat(geometry, self.crs)


def hand_scene(crs: str = ZONE_117) -> HandScene:
    """Return the scene that tests/gis/test_coverage_by_hand.py works out step by step.

    `crs` is a transverse Mercator zone of metres with its central meridian at x = 500,000.
    """
    lng, lat = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(*ORIGIN_M)
    return HandScene(
        crs=crs,
        pose=Pose(lng=lng, lat=lat, bearing_deg=90.0, hfov_deg=90.0, reach_m=50.0, width_px=3840),
        px_per_m=25.0,
        buildings=(_at(20, -5, 30, 5), _at(16, 5, 24, 10), _at(24, -30, 34, -18)),
        cell=_at(-10, -50, 60, 50),
        sector_m2=625 * math.pi,
        view_m2=312 + 1250 * (math.atan(9 / 17) - math.atan(1 / 4) + math.pi / 4 - math.atan(5 / 8)),
        cell_m2=7000.0,
        open_m2=6740.0,
    )


def _at(west: float, south: float, east: float, north: float) -> Polygon:
    x, y = ORIGIN_M
    return box(x + west, y + south, x + east, y + north)


def _lnglat(geometry: Polygon | MultiPolygon, crs: str) -> Polygon:
    turn = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    return shapely.transform(geometry, lambda x, y: turn.transform(x, y), interleaved=False)
