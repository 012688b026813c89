"""Reach, near zone, flags and cells; the exactness of views is tested with the sweep."""

import math
from dataclasses import replace
from pathlib import Path

import geopandas
import numpy as np
import pyproj
import pytest
import shapely
from shapely.geometry import box

from data.types import Pose
from gis.coverage import CoverageFlag, View, fan_of, near_m, reach_m, view, view_lnglat, views
from gis.gaps import cell_coverage
from gis.obstacles import Obstacles

UTM = "EPSG:32650"
POSE = Pose(lng=117.0, lat=30.0, bearing_deg=0.0, hfov_deg=90.0, width_px=1920)
X, Y = pyproj.Transformer.from_crs("EPSG:4326", UTM, always_xy=True).transform(117.0, 30.0)
OPEN = Obstacles.of([], crs=UTM)


def house(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return box(X + west, Y + south, X + east, Y + north)


@pytest.mark.parametrize(
    ("width_px", "hfov_deg", "metres"),
    [
        (1920, 90, (38.40, 15.36, 7.68, 3.84)),
        (3840, 90, (76.80, 30.72, 15.36, 7.68)),
        (1920, 30, (143.31, 57.32, 28.66, 14.33)),
    ],
)
def test_reach_follows_the_pixel_density_classes(width_px: int, hfov_deg: float, metres: tuple[float, ...]) -> None:
    pose = replace(POSE, width_px=width_px, hfov_deg=hfov_deg)
    reaches = [reach_m(pose, px_per_m=density) for density in (25.0, 62.5, 125.0, 250.0)]

    assert reaches == pytest.approx(metres, abs=0.005)


def test_the_smaller_of_stated_reach_and_density_holds() -> None:
    assert reach_m(replace(POSE, reach_m=20.0)) == 20.0
    assert reach_m(replace(POSE, reach_m=200.0)) == pytest.approx(38.4)
    assert reach_m(replace(POSE, reach_m=200.0, width_px=None)) == 200.0


def test_a_panorama_spreads_its_pixels_along_the_arc() -> None:
    assert reach_m(replace(POSE, hfov_deg=360.0, width_px=3840)) == pytest.approx(3840 / (25 * 2 * math.pi))


def test_the_near_zone_is_cut_only_when_everything_is_known() -> None:
    known = replace(POSE, height_m=5.0, tilt_deg=15.0, vfov_deg=50.0)

    assert near_m(known) == pytest.approx(5 * math.tan(math.radians(50)))
    assert [near_m(replace(known, **{name: None})) for name in ("height_m", "tilt_deg", "vfov_deg")] == [None] * 3
    assert near_m(replace(known, tilt_deg=80.0)) == 0.0
    assert near_m(replace(known, tilt_deg=-30.0)) == math.inf


def test_a_camera_that_looks_at_the_sky_sees_nothing_and_says_so() -> None:
    seen = view(replace(POSE, height_m=5.0, tilt_deg=-30.0, vfov_deg=50.0), OPEN)

    assert seen.area_m2 == seen.share == seen.polygon.area == 0.0
    assert CoverageFlag.SEES_NO_GROUND in seen.flags


@pytest.mark.parametrize(
    ("pose", "flag"),
    [
        (replace(POSE, bearing_deg=None), CoverageFlag.ALL_ROUND),
        (replace(POSE, bearing_doubt_deg=22.5), CoverageFlag.BEARING_DOUBT),
        (replace(POSE, hfov_deg=None), CoverageFlag.HFOV_GUESSED),
        (replace(POSE, width_px=None), CoverageFlag.WIDTH_GUESSED),
        (POSE, CoverageFlag.NEAR_ZONE_IGNORED),
        (replace(POSE, height_m=4.0, tilt_deg=60.0, vfov_deg=40.0), CoverageFlag.UPPER_EDGE_IGNORED),
        (POSE, CoverageFlag.NO_BUILDINGS_KNOWN),
    ],
)
def test_what_is_guessed_or_unknown_is_flagged(pose: Pose, flag: CoverageFlag) -> None:
    plain = replace(POSE, height_m=4.0, tilt_deg=20.0, vfov_deg=50.0)

    assert flag in view(pose, OPEN).flags
    assert flag not in view(plain, Obstacles.of([house(20, 20, 25, 25)], crs=UTM)).flags


def test_a_camera_on_a_wall_and_one_inside_are_flagged_and_see_something() -> None:
    on_wall = view(POSE, Obstacles.of([house(-10, -10, 10, 0)], crs=UTM))
    inside = view(POSE, Obstacles.of([house(-10, -10, 10, 10)], crs=UTM))

    assert CoverageFlag.ON_WALL in on_wall.flags
    assert on_wall.share == pytest.approx(1.0)
    assert CoverageFlag.INSIDE_BUILDING in inside.flags
    assert inside.share > 0


def test_a_bearing_from_true_north_holds_on_a_grid_turned_against_it() -> None:
    pose = replace(POSE, lng=119.9, bearing_deg=60.0, hfov_deg=2.0, reach_m=50.0, width_px=None)

    seen = view_lnglat(pose, [], crs=UTM)

    centre = seen.polygon.centroid
    bearing, _, _ = pyproj.Geod(ellps="WGS84").inv(pose.lng, pose.lat, centre.x, centre.y)
    assert bearing == pytest.approx(60.0, abs=1e-4)


def test_two_cameras_on_the_same_ground_count_once() -> None:
    seen = view(POSE, OPEN)
    cell = house(-50, -50, 50, 50)

    once, twice = (cell_coverage(cell, [seen.polygon] * n, obstacles=OPEN, min_gap_m2=1.0) for n in (1, 2))

    assert once.seen_m2 == pytest.approx(seen.area_m2)
    assert twice.seen_m2 == pytest.approx(once.seen_m2, rel=1e-12)
    assert twice.seen_by_2_m2 == pytest.approx(once.seen_m2, rel=1e-12)
    assert CoverageFlag.NO_BUILDINGS_KNOWN in once.flags


def test_a_cell_no_camera_looks_at_is_one_gap() -> None:
    cell, buildings = house(-50, -50, 50, 50), Obstacles.of([house(0, 0, 10, 10), house(45, 0, 60, 10)], crs=UTM)

    blind = cell_coverage(cell, [], obstacles=buildings, min_gap_m2=1.0)

    assert (blind.area_m2, blind.open_m2, blind.seen_m2, blind.share) == pytest.approx((10_000, 9_850, 0, 0))
    assert blind.gaps.area == pytest.approx(9_850)
    assert not cell_coverage(cell, [], obstacles=buildings, min_gap_m2=1e6).gaps.geoms


def test_a_view_that_rounding_has_folded_is_repaired_and_counted() -> None:
    folded = shapely.Polygon([(X, Y), (X + 20, Y + 20), (X + 20, Y), (X, Y + 20)])

    counted = cell_coverage(house(-50, -50, 50, 50), [folded], obstacles=OPEN, min_gap_m2=1.0)

    assert counted.seen_m2 == pytest.approx(200)


def test_a_cell_all_under_roofs_has_no_share_to_divide_by() -> None:
    covered = cell_coverage(house(0, 0, 5, 5), [], obstacles=Obstacles.of([house(-1, -1, 9, 9)], crs=UTM), min_gap_m2=1)

    assert (covered.open_m2, covered.share_of_open) == (0.0, 0.0)


def test_a_full_turn_of_hfov_needs_no_seam() -> None:
    seen = view(replace(POSE, hfov_deg=360.0, reach_m=20.0, width_px=None), OPEN)

    assert fan_of(replace(POSE, hfov_deg=360.0)).is_full
    assert seen.polygon.area == pytest.approx(math.pi * 400, rel=1e-9)


def test_views_of_a_real_town_lie_outside_its_buildings(shared_data: Path) -> None:
    footprints = geopandas.read_parquet(shared_data / "buildings_roads/liechtenstein_2024_buildings.parquet")
    roads = geopandas.read_parquet(shared_data / "buildings_roads/liechtenstein_2024_roads.parquet")
    buildings = Obstacles.of_lnglat(footprints.geometry, crs="EPSG:32632")
    corners, verges = (shapely.get_coordinates(frame.geometry.to_numpy()) for frame in (footprints, roads))
    chance = np.random.default_rng(1)
    places = np.vstack([chance.choice(corners, 40), chance.choice(verges, 40)])
    bearings = chance.uniform(0, 360, len(places))
    poses = [
        Pose(lng=lng, lat=lat, bearing_deg=bearing, hfov_deg=90.0, reach_m=80.0)
        for (lng, lat), bearing in zip(places, bearings, strict=True)
    ]

    seen_by = [view(pose, buildings) for pose in poses]

    assert all(seen.polygon.is_valid for seen in seen_by)
    assert max(abs(seen.polygon.area - seen.area_m2) for seen in seen_by) < 1e-6
    assert max(_under_roofs(seen, buildings) for seen in seen_by) < 0.1


def _under_roofs(seen: View, buildings: Obstacles) -> float:
    if CoverageFlag.INSIDE_BUILDING in seen.flags:
        return 0.0
    near = buildings.footprints[buildings.around(seen.polygon)]
    return float(seen.polygon.intersection(shapely.union_all(near)).area)


def test_no_cameras_see_nothing_and_need_no_buildings() -> None:
    assert views([], Obstacles.of([], crs=UTM)) == []
