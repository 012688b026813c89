"""A made-up city of any size: houses in blocks along streets, courtyards and long halls, and cameras among them."""

import math

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from data.types import Pose

CRS = "EPSG:32650"
WEST_M, SOUTH_M = 480_000.0, 3_300_000.0
PITCH_M = 25.0
HOUSES_A_BLOCK = 5
STREET_M = 14.0
SHARE_ON_WALLS = 0.3

Floats = NDArray[np.float64]


def houses(count: int, *, seed: int = 1) -> NDArray[np.object_]:
    """Return footprints of 4 to 8 corners in metres of CRS, in blocks of 5 × 5 between streets; order is by place."""
    chance = np.random.default_rng(seed)
    side = math.ceil(math.sqrt(count))
    row, column = np.divmod(np.arange(count), side)
    x = WEST_M + column * PITCH_M + (column // HOUSES_A_BLOCK) * STREET_M + chance.uniform(-2, 2, count)
    y = SOUTH_M + row * PITCH_M + (row // HOUSES_A_BLOCK) * STREET_M + chance.uniform(-2, 2, count)
    wide, deep = chance.uniform(7, 18, count), chance.uniform(7, 18, count)
    turn = np.where(chance.random(count) < 0.7, 0.0, chance.uniform(0, math.pi, count))
    has_wing = chance.random(count) < 0.4
    plain, wings = _corners(False), _corners(True)
    built = np.empty(count, dtype=object)
    for some, corners in ((~has_wing, plain), (has_wing, wings)):
        built[some] = _polygons(corners, x[some], y[some], wide[some], deep[some], turn[some])
    return built


def _corners(has_wing: bool) -> Floats:
    if has_wing:
        return np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.0), (0.1, 0.0), (0.1, 0.5), (-0.5, 0.5)])
    return np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])


def _polygons(corners: Floats, x: Floats, y: Floats, wide: Floats, deep: Floats, turn: Floats) -> NDArray[np.object_]:
    east, north = corners[:, 0] * wide[:, None], corners[:, 1] * deep[:, None]
    cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
    points = np.stack([x[:, None] + east * cos - north * sin, y[:, None] + east * sin + north * cos], axis=2)
    return np.asarray(shapely.polygons(points), dtype=object)


def poses(count: int, built: NDArray[np.object_], *, hfov_deg: float, reach_m: float, seed: int = 2) -> list[Pose]:
    """Return cameras all over the city: three in ten on a wall looking out, the others anywhere, some inside."""
    chance = np.random.default_rng(seed)
    bounds = shapely.total_bounds(np.asarray(built, dtype=object))
    places = chance.uniform(bounds[:2], bounds[2:], (count, 2))
    grid_deg = chance.uniform(0, 360, count)
    hung = np.flatnonzero(chance.random(count) < SHARE_ON_WALLS)
    own = chance.integers(0, len(built), len(hung))
    for row, house in zip(hung, own, strict=True):
        points = shapely.get_coordinates(built[house])
        side, along = chance.integers(0, len(points) - 1), chance.uniform(0, 1)
        a, b = points[side], points[side + 1]
        places[row] = a + along * (b - a)
        # Outward: to the right of a wall that runs counter-clockwise.
        grid_deg[row] = math.degrees(math.atan2(b[0] - a[0], b[1] - a[1])) + 90 + chance.uniform(-45, 45)
    back = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    lng, lat = back.transform(places[:, 0].copy(), places[:, 1].copy())
    north = np.asarray(pyproj.Proj(CRS).get_factors(lng, lat).meridian_convergence)
    bearing = (grid_deg + north) % 360
    return [
        Pose(lng=a, lat=b, bearing_deg=None if hfov_deg >= 360 else c, hfov_deg=hfov_deg, reach_m=reach_m)
        for a, b, c in zip(lng.tolist(), lat.tolist(), bearing.tolist(), strict=True)
    ]
