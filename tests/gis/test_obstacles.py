"""Odd footprints and odd places to stand: right or reported, never a crash."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from gis.obstacles import NotMetric, Obstacles, stand
from gis.sweep import FULL_TURN, Fan, sweep

UTM = "EPSG:32650"
EVERYWHERE = box(-1000, -1000, 1000, 1000)
HOUSE = box(0, 0, 10, 10)
ROUND = Fan(start=0.0, width=FULL_TURN, reach=100.0)
DISC = math.pi * 100**2


def seen_from(x: float, y: float, *footprints: shapely.Geometry) -> float:
    stands = stand(x, y, Obstacles.of(footprints, crs=UTM), within=EVERYWHERE)
    return sweep(stands.edges, ROUND, blocked=stands.blocked).area_m2


@pytest.mark.parametrize(
    ("name", "x", "y", "footprints", "share"),
    [
        ("on a wall", 5, 0, [HOUSE], 1 / 2),
        ("a hair off a wall", 5, -1e-9, [HOUSE], 1 / 2),
        ("drawn 4 cm into the wall", 5, 0.04, [HOUSE], 1 / 2),
        ("on a corner", 0, 0, [HOUSE], 3 / 4),
        ("drawn just inside a corner", 0.004, 0.004, [HOUSE], 3 / 4),
        ("in an inner corner", 0, 0, [box(0, -10, 10, 10), box(-10, 0, 0.5, 10)], 1 / 4),
        ("where two houses meet in a row", 10, 0, [HOUSE, box(10, 0, 20, 10)], 1 / 2),
        ("where overlapping houses meet", 10, 0, [HOUSE, box(8, 0, 20, 10)], 1 / 2),
        ("where two houses touch in a corner", 10, 10, [HOUSE, box(10, 10, 20, 20)], 1 / 2),
        ("on a wall drawn twice", 5, 0, [HOUSE, HOUSE], 1 / 2),
    ],
)
def test_on_a_wall_only_the_open_directions_are_seen(
    name: str, x: float, y: float, footprints: list[Polygon], share: float
) -> None:
    assert stand(x, y, Obstacles.of(footprints, crs=UTM), within=EVERYWHERE).is_on_wall, name
    assert seen_from(x, y, *footprints) == pytest.approx(DISC * share, rel=1e-9), name


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 6.2), st.floats(0.02, 0.98), st.integers(0, 3))
def test_on_any_wall_of_a_turned_house_half_the_disc_is_seen(turn: float, share: float, side: int) -> None:
    house = shapely.affinity.rotate(HOUSE, turn, use_radians=True)
    corners = shapely.get_coordinates(house)
    x, y = corners[side] + share * (corners[side + 1] - corners[side])

    assert seen_from(x, y, house) == pytest.approx(DISC / 2, rel=1e-9)


def test_inside_a_building_its_walls_are_left_out_and_it_is_reported() -> None:
    stands = stand(5, 5, Obstacles.of([HOUSE, box(20, -50, 21, 50)], crs=UTM), within=EVERYWHERE)

    assert stands.is_inside
    assert 0 < sweep(stands.edges, ROUND).area_m2 < DISC


def test_on_a_party_wall_both_houses_are_left_out_and_it_is_reported() -> None:
    stands = stand(10, 5, Obstacles.of([HOUSE, box(10, 0, 20, 10)], crs=UTM), within=EVERYWHERE)

    assert stands.is_inside
    assert sweep(stands.edges, ROUND).area_m2 == pytest.approx(DISC)


def test_in_a_courtyard_only_the_courtyard_is_seen() -> None:
    yard = Polygon(HOUSE.exterior, [box(2, 2, 8, 8).exterior])

    assert seen_from(3, 5, yard) == pytest.approx(36.0)
    assert seen_from(2, 5, yard) == pytest.approx(36.0)


def test_six_centimetres_before_a_wall_the_wall_is_only_an_obstacle() -> None:
    stands = stand(5, -0.06, Obstacles.of([HOUSE], crs=UTM), within=EVERYWHERE)

    assert not stands.is_on_wall
    assert (stands.x, stands.y) == (5, -0.06)


def test_an_odd_footprint_is_repaired_or_dropped() -> None:
    bow_tie = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    odd = [None, Polygon(), bow_tie, LineString([(0, 0), (1, 1)]), Polygon([(0, 0), (5, 5), (9, 9)]), Point(3, 3)]

    obstacles = Obstacles.of([*odd, MultiPolygon([box(20, 0, 30, 10), box(40, 0, 50, 10)])], crs=UTM)

    assert shapely.area(obstacles.footprints).sum() == pytest.approx(250)
    assert shapely.is_valid(obstacles.footprints).all()


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=4, max_size=7), max_size=6),
    st.tuples(st.integers(-9, 9), st.integers(-9, 9)),
)
def test_no_tangle_of_rings_crashes_or_shows_more_than_there_is(
    rings: list[list[tuple[int, int]]], eye: tuple[int, int]
) -> None:
    area = seen_from(*eye, *(Polygon(ring) for ring in rings))

    assert math.isfinite(area)
    assert 0 <= area <= DISC * (1 + 1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000))
def test_one_sees_the_other_if_the_other_sees_the_one(seed: int) -> None:
    chance = np.random.default_rng(seed)
    houses = [shapely.affinity.rotate(box(x, y, x + 8, y + 5), a) for x, y, a in chance.uniform(-40, 40, (8, 3))]
    ones, others = chance.uniform(-45, 45, (2, 20, 2))
    hidden = shapely.union_all(houses).buffer(0.2)
    pairs = [(a, b) for a, b in zip(ones, others, strict=True) if not hidden.intersects(shapely.points([a, b])).any()]
    obstacles = Obstacles.of(houses, crs=UTM)

    for one, other in pairs:
        assert _sees(obstacles, one, other) == _sees(obstacles, other, one)


def _sees(obstacles: Obstacles, eye: np.ndarray, point: np.ndarray) -> bool:
    stands = stand(*eye, obstacles, within=EVERYWHERE)
    dx, dy = point - eye
    hair = Fan(start=math.atan2(dy, dx) - 1e-7, width=2e-7, reach=math.hypot(dx, dy))
    return sweep(stands.edges, hair).area_m2 > hair.area_m2 * 0.999


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2263"])
def test_obstacles_refuse_a_crs_that_is_not_in_metres(crs: str) -> None:
    with pytest.raises(NotMetric, match="projected CRS of metres"):
        Obstacles.of([HOUSE], crs=crs)
