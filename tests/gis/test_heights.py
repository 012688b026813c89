"""Sight over roofs against rays cast one by one, and laws that hold of heights."""

import math
from dataclasses import replace
from pathlib import Path

import geopandas
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon, box

from data.types import Pose
from gis.coverage import CoverageFlag, view
from gis.heights import heights_of, shadows
from gis.obstacles import Obstacles

UTM = "EPSG:32650"
POSE = Pose(lng=117.0, lat=30.0, bearing_deg=0.0, hfov_deg=90.0, reach_m=60.0, height_m=6.0)
ALL_ROUND = replace(POSE, bearing_deg=None, hfov_deg=360.0)
X, Y = pyproj.Transformer.from_crs("EPSG:4326", UTM, always_xy=True).transform(117.0, 30.0)
EYE = np.array([0.0, 0.0])
COURTYARD = box(5, 5, 25, 25).difference(box(8, 8, 22, 22))
ODD = [
    box(10, -3, 14, 4),
    COURTYARD,
    Polygon([(3, -20), (9, -12), (15, -20), (9, -30)]),
    Polygon([(-30, -8), (-10, -8), (-10, 8), (-30, 8), (-30, 5), (-13, 5), (-13, -5), (-30, -5)]),
    box(-4, -6, 4, 0),
    box(-2, -2, 30, 2),
]


def moved(shape: Polygon) -> Polygon:
    return shapely.transform(shape, lambda at: at + np.array([X, Y]))


def among(*houses: tuple[Polygon, float]) -> Obstacles:
    return Obstacles.of([moved(one) for one, _ in houses], crs=UTM, heights_m=[height for _, height in houses])


def stops(house: Polygon, height_m: float, eye_height_m: float, ground: Point) -> bool:
    """Say whether the line from the eye at 0, 0 to a point of the ground meets the block of a house."""
    ray = shapely.LineString([(0, 0), (ground.x, ground.y)])
    away = math.hypot(ground.x, ground.y)
    crossed = shapely.intersection(house, ray)
    for part in shapely.get_parts(crossed):
        if part.is_empty:
            continue
        farthest = max(math.hypot(*point) for point in shapely.get_coordinates(part))
        # The line sinks evenly, so it is lowest over the house at its far end.
        if eye_height_m * (1 - farthest / away) < height_m:
            return True
    return False


@pytest.mark.parametrize("height_m", [0.5, 3.0, 5.9])
@pytest.mark.parametrize("house", ODD)
def test_shadows_are_what_rays_to_the_ground_run_into(house: Polygon, height_m: float) -> None:
    footprint = np.array([shapely.orient_polygons(house)], dtype=object)
    hidden = shadows(footprint, np.array([height_m]), eye=EYE, eye_height_m=6.0)
    chance = np.random.default_rng(7)
    spots = [Point(x, y) for x, y in chance.uniform(-80, 80, (300, 2))]
    clear = [spot for spot in spots if shapely.boundary(hidden).distance(spot) > 1e-6]

    told = [hidden.covers(spot) for spot in clear]

    assert told == [stops(house, height_m, 6.0, spot) for spot in clear]
    assert len(clear) > 290


def test_the_far_edge_of_a_shadow_is_the_outline_grown_about_the_eye() -> None:
    seen = view(POSE, among((box(-5, 10, 5, 12), 3.0)))

    # Half as high as the eye, it hides as far again as it stands: up to the wall at 12 m, grown to 24 m.
    assert seen.polygon.covers(moved(box(-1, 24.001, 1, 50)))
    assert not seen.polygon.intersects(moved(box(-1, 10.001, 1, 23.999)))
    # By hand: what is as wide as it is far from 10 to 20 m, and the grown house of 20 m by 4 m behind.
    assert seen.sector_m2 - seen.area_m2 == pytest.approx(150 + 80, rel=1e-9)


def test_a_building_as_high_as_the_camera_hides_completely() -> None:
    house = box(-5, 10, 5, 12)
    tall, same = (view(POSE, among((house, height))) for height in (50.0, 6.0))

    assert same.area_m2 == tall.area_m2
    assert CoverageFlag.HEIGHTS_IGNORED not in tall.flags


def test_an_unknown_height_hides_completely_and_says_so() -> None:
    house = box(-5, 10, 5, 12)
    unknown, tall = (view(POSE, among((house, height))) for height in (math.nan, 50.0))
    no_eye = view(replace(POSE, height_m=None), among((house, 1.0)))

    assert unknown.area_m2 == tall.area_m2 == no_eye.area_m2
    assert CoverageFlag.HEIGHTS_IGNORED in unknown.flags
    assert CoverageFlag.HEIGHTS_IGNORED in no_eye.flags


def test_an_unknown_house_that_bounds_nothing_is_not_told_of() -> None:
    seen = view(POSE, among((box(-5, 10, 5, 12), 50.0), (box(-2, 20, 2, 22), math.nan)))

    assert CoverageFlag.HEIGHTS_IGNORED not in seen.flags


def test_a_camera_on_a_roof_sees_over_its_edge() -> None:
    on_roof = view(ALL_ROUND, among((box(-4, -4, 4, 4), 3.0)))

    assert on_roof.sector_m2 - on_roof.area_m2 == pytest.approx(16 * 16)
    assert CoverageFlag.INSIDE_BUILDING not in on_roof.flags
    assert CoverageFlag.NO_BUILDINGS_KNOWN not in on_roof.flags


def test_a_low_wall_in_the_near_blind_zone_hides_beyond_it() -> None:
    pose = replace(POSE, tilt_deg=20.0, vfov_deg=50.0)
    wall = box(-3, 1, 3, 1.2)

    # It hides up to 14.4 m ahead; the quarter disc of 6 m around the foot of the pole is blind anyway.
    lost = view(pose, among()).area_m2 - view(pose, among((wall, 5.5))).area_m2
    assert lost == pytest.approx(14.4**2 - math.pi * 6**2 / 4, rel=1e-4)


heights = st.floats(0.5, 12.0)
corners = st.floats(-40.0, 40.0)
sizes = st.floats(1.0, 25.0)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(corners, corners, sizes, sizes, heights), min_size=1, max_size=6), st.floats(2.0, 15.0))
def test_a_higher_building_never_shows_more_and_a_higher_eye_never_less(
    houses: list[tuple[float, float, float, float, float]], eye_m: float
) -> None:
    blocks = [(box(x, y, x + width, y + depth), height) for x, y, width, depth, height in houses]
    if any(block.dwithin(Point(0, 0), 0.1) for block, _ in blocks):
        return
    pose = replace(ALL_ROUND, height_m=eye_m)

    seen = view(pose, among(*blocks))

    higher = view(pose, among(*((block, height + 1.0) for block, height in blocks)))
    from_above = view(replace(pose, height_m=eye_m + 1.0), among(*blocks))
    unknown = view(pose, among(*((block, math.nan) for block, _ in blocks)))
    rounding = 1e-7 * seen.sector_m2
    assert unknown.area_m2 <= higher.area_m2 + rounding
    assert higher.area_m2 <= seen.area_m2 + rounding
    assert seen.area_m2 <= from_above.area_m2 + rounding
    assert seen.polygon.is_valid
    assert seen.polygon.intersection(shapely.union_all([moved(block) for block, _ in blocks])).area < 1e-6


def test_heights_come_from_storeys_where_nothing_was_measured() -> None:
    known, guessed = heights_of([12.0, math.nan, 0.0, -3.0, math.nan], [2, 4, 5, math.nan, 0])

    assert np.array_equal(known, [12.0, 12.0, 15.0, math.nan, math.nan], equal_nan=True)
    assert guessed.tolist() == [False, True, True, False, False]


def test_cameras_above_an_old_town_see_over_its_low_roofs(shared_data: Path) -> None:
    town = geopandas.read_file(shared_data / "buildings_roads/suzhou_gusu_buildings_height.geojson")
    crs = "EPSG:4549"
    known = Obstacles.of_lnglat(town.geometry, crs=crs, heights_m=town["height"].to_numpy(np.float64))
    corners = shapely.get_coordinates(town.geometry.to_numpy())
    places = np.random.default_rng(2).choice(corners, 12)
    poses = [Pose(lng=x, lat=y, reach_m=60.0, height_m=8.0) for x, y in places]

    views = [view(pose, known) for pose in poses]

    plain = [view(replace(pose, height_m=None), known) for pose in poses]
    under = [one.polygon.intersection(shapely.union_all(known.footprints[known.around(one.polygon)])) for one in views]
    assert sum(one.area_m2 for one in views) > 1.1 * sum(one.area_m2 for one in plain)
    assert all(one.polygon.is_valid for one in views)
    assert max(one.area for one in under) < 0.1
