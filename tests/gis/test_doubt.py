"""What is sure of a view whose bearing is not, against every bearing tried."""

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from data.types import Pose
from gis.coverage import view
from gis.doubt import at_presets, doubt_of, expected_share, is_doubtful, narrowest, of_presets, widest
from gis.obstacles import Obstacles, to_metres
from gis.surfaces import array_of

UTM = "EPSG:32650"
POSE = Pose(lng=117.0, lat=30.0, bearing_deg=40.0, hfov_deg=60.0, reach_m=50.0, bearing_doubt_deg=22.5)
PLACE = to_metres(array_of([Point(POSE.lng, POSE.lat)]), crs=UTM)[0]
OPEN = Obstacles.of([], crs=UTM)
HOUSES = Obstacles.of(
    [
        box(PLACE.x + x, PLACE.y + y, PLACE.x + x + 6, PLACE.y + y + 5)
        for x, y in ((8, 10), (-20, 12), (15, -9), (2, 30))
    ],
    crs=UTM,
)


def test_direction_types_are_sure_of_the_middle_only() -> None:
    sure = doubt_of(POSE, OPEN)

    sector = 50.0**2 / 2 * math.radians(1)
    assert (sure.lowest_m2, sure.expected_m2, sure.highest_m2) == pytest.approx(
        (15 * sector, 60 * sector, 105 * sector)
    )
    assert not sure.is_mean


def test_lowest_and_highest_are_what_all_and_any_of_the_bearings_see() -> None:
    sure = doubt_of(POSE, HOUSES)
    turned = [
        view(replace(POSE, bearing_deg=40.0 + turn, bearing_doubt_deg=0.0), HOUSES).polygon
        for turn in np.linspace(-22.5, 22.5, 46)
    ]

    every, some = shapely.intersection_all(turned), shapely.union_all(turned)
    assert sure.lowest.symmetric_difference(every).area < 1e-4 * sure.highest_m2
    assert sure.highest.symmetric_difference(some).area < 1e-4 * sure.highest_m2


def test_a_doubt_as_wide_as_half_the_angle_leaves_nothing_sure() -> None:
    assert narrowest(replace(POSE, bearing_doubt_deg=30.0)) is None
    assert doubt_of(replace(POSE, bearing_doubt_deg=30.0), HOUSES).lowest_m2 == 0


def test_a_doubt_all_round_is_no_bearing_at_all() -> None:
    around, unknown = (doubt_of(pose, HOUSES) for pose in (replace(POSE, bearing_doubt_deg=180.0), no_bearing()))

    assert around.highest_m2 == pytest.approx(unknown.highest_m2)
    assert around.lowest_m2 == unknown.lowest_m2 == 0


def no_bearing() -> Pose:
    return replace(POSE, bearing_deg=None, bearing_doubt_deg=0.0)


def test_without_a_bearing_the_expected_is_the_mean_over_all_bearings() -> None:
    sure = doubt_of(no_bearing(), HOUSES)
    tried = [view(replace(POSE, bearing_deg=float(bearing)), HOUSES).area_m2 for bearing in range(0, 360, 6)]

    assert sure.expected_m2 == pytest.approx(np.mean(tried), rel=2e-3)
    assert sure.is_mean
    assert expected_share(no_bearing()) == pytest.approx(1 / 6)


@pytest.mark.parametrize("pose", [replace(POSE, bearing_doubt_deg=0.0), replace(no_bearing(), hfov_deg=360.0)])
def test_where_nothing_is_in_doubt_all_three_are_the_view(pose: Pose) -> None:
    sure = doubt_of(pose, HOUSES)

    assert not is_doubtful(pose)
    assert widest(pose) is narrowest(pose) is pose
    assert sure.lowest_m2 == sure.expected_m2 == sure.highest_m2 == view(pose, HOUSES).area_m2


def test_a_wider_sector_is_no_wider_lens() -> None:
    pose = replace(POSE, reach_m=None, width_px=1920)

    assert widest(pose).reach_m == pytest.approx(1920 / (25 * 2 * math.tan(math.radians(30))))
    assert doubt_of(pose, OPEN).highest_m2 == pytest.approx(doubt_of(pose, OPEN).expected_m2 * 105 / 60)


def test_presets_share_nothing_or_something() -> None:
    apart, close = (
        of_presets([doubt_of(pose, OPEN) for pose in at_presets(replace(POSE, bearing_doubt_deg=0.0), bearings)])
        for bearings in ((0.0, 180.0), (0.0, 30.0))
    )

    one = 50.0**2 / 2 * math.radians(60)
    assert (apart.lowest_m2, apart.expected_m2, apart.highest_m2) == pytest.approx((0, one, 2 * one), rel=1e-6)
    assert (close.lowest_m2, close.expected_m2, close.highest_m2) == pytest.approx((one / 2, one, 1.5 * one), rel=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.floats(0, 360), st.floats(1, 360), st.floats(0, 180), st.floats(0, 180))
def test_more_doubt_never_makes_more_sure(bearing: float, width: float, doubt: float, more: float) -> None:
    pose = replace(POSE, bearing_deg=bearing, hfov_deg=width, bearing_doubt_deg=min(doubt, more))

    less, much = doubt_of(pose, HOUSES), doubt_of(replace(pose, bearing_doubt_deg=max(doubt, more)), HOUSES)

    rounding = 1e-6
    assert much.lowest_m2 <= less.lowest_m2 + rounding
    assert less.lowest_m2 <= less.expected_m2 + rounding
    assert less.expected_m2 <= less.highest_m2 + rounding
    assert less.highest_m2 <= much.highest_m2 + rounding
