"""The outline holds the area of its sweep, whatever its shape."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from gis.obstacles import Obstacles, stand
from gis.outline import ARC_TOLERANCE_M, outline, sector
from gis.sweep import FULL_TURN, Fan, sweep


@settings(max_examples=80, deadline=None)
@given(st.floats(-7, 7), st.floats(0.01, FULL_TURN), st.floats(1, 500), st.floats(0, 0.9))
def test_a_sector_drawn_as_a_polyline_has_its_exact_area(start: float, width: float, reach: float, near: float) -> None:
    fan = Fan(start=start, width=width, reach=reach, near=near * reach)

    assert sector(fan).area == pytest.approx(fan.area_m2, rel=1e-9)


def test_no_point_of_an_arc_is_further_off_than_the_tolerance() -> None:
    rim = shapely.segmentize(shapely.boundary(sector(Fan(start=0.0, width=FULL_TURN, reach=80.0))), 0.01)
    away = np.hypot(*shapely.get_coordinates(rim).T)

    assert np.abs(away - 80.0).max() <= ARC_TOLERANCE_M


def test_an_all_round_view_with_a_near_zone_has_a_hole() -> None:
    ring = sector(Fan(start=0.0, width=FULL_TURN, reach=20.0, near=5.0))

    assert len(ring.interiors) == 1
    assert not ring.contains(shapely.Point(0, 0))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.booleans(), st.sampled_from([0.0, 6.0]))
def test_the_outline_of_any_scene_is_valid_and_has_the_area_of_its_sweep(seed: int, full: bool, near: float) -> None:
    chance = np.random.default_rng(seed)
    houses = [shapely.affinity.rotate(box(x, y, x + 12, y + 9), a) for x, y, a in chance.uniform(-50, 50, (9, 3))]
    fan = Fan(start=float(chance.uniform(0, 6)), width=FULL_TURN if full else 2.0, reach=60.0, near=near)
    stands = stand(0.0, 0.0, Obstacles.of(houses, crs="EPSG:32650"), within=box(-60, -60, 60, 60))
    seen = sweep(stands.edges, fan, blocked=stands.blocked)

    shape = outline(seen)

    assert shape.is_valid
    # A wall that enters the near zone cuts through the tolerance of its arc: a tenth of a square centimetre per wall.
    assert shape.area == pytest.approx(seen.area_m2, rel=1e-9, abs=1e-7 if near == 0 else 1e-4)


def test_an_eye_where_two_houses_touch_sees_two_parts() -> None:
    houses = [box(0, 0, 10, 10), box(-10, -10, 0, 0)]
    stands = stand(0.0, 0.0, Obstacles.of(houses, crs="EPSG:32650"), within=box(-60, -60, 60, 60))
    parts = outline(sweep(stands.edges, Fan(start=0.0, width=FULL_TURN, reach=30.0), blocked=stands.blocked))

    assert len(shapely.get_parts(parts)) == 2
    assert parts.area == pytest.approx(math.pi * 450)
