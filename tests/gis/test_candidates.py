"""Where cameras could stand, what should be seen, and which pose sees what."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as some

from gis.candidates import (
    Demand,
    Lens,
    Standpoint,
    across,
    along,
    candidates,
    corners,
    covers,
    crossings,
    lies_in,
    may_see,
    seen_by_any,
)

WIDE = Lens(hfov_deg=90.0, name="4 mm", cost=19_000.0, width_px=1920)
ROUND = Lens(hfov_deg=360.0, name="dome", kind="dome")
POLE = Standpoint(lng=104.8, lat=29.2, key="P1", name="灯杆 1", origin="place")


def test_every_pole_looks_everywhere_with_every_lens() -> None:
    found = candidates([POLE, POLE], [WIDE, ROUND], headings=4)
    assert [pose.bearing_deg for pose in found.poses[:5]] == [0.0, 90.0, 180.0, 270.0, None]
    assert found.standpoint.tolist() == [0] * 5 + [1] * 5
    assert found.lens.tolist() == [0, 0, 0, 0, 1] * 2


def test_no_standpoint_or_no_lens_is_no_pose() -> None:
    assert candidates([], [WIDE], headings=8).poses == []
    assert candidates([POLE], [], headings=8).poses == []


def test_only_poses_with_something_in_their_direction_are_looked_through() -> None:
    poses = candidates([POLE], [WIDE, ROUND], headings=4).poses
    at, reach = np.zeros((5, 2)), np.full(5, 50.0)
    east = np.array([[30.0, 0.0]])
    assert may_see(poses, at, east, reach_m=reach).tolist() == [False, True, False, False, True]
    # Grid and true north differ a little, so the edge of a sector is wide.
    assert may_see(poses, at, np.array([[30.0, 28.0]]), reach_m=reach).tolist() == [True, True, False, False, True]
    assert not may_see(poses, at, np.array([[52.0, 0.0]]), reach_m=reach).any()
    assert not may_see(poses, at, np.empty((0, 2)), reach_m=reach).any()


def test_a_point_in_forbidden_ground_or_on_its_edge_lies_in_it() -> None:
    ground = np.array([shapely.box(0, 0, 10, 10)], dtype=object)
    points = np.array([[5.0, 5.0], [10.0, 5.0], [10.001, 5.0]])
    assert lies_in(points, ground).tolist() == [True, True, False]
    assert lies_in(points, ground[:0]).tolist() == [False] * 3


def test_the_table_says_which_view_holds_which_point() -> None:
    views = [shapely.box(0, 0, 2, 2), shapely.Polygon(), shapely.box(1, 1, 3, 3)]
    points = np.array([[0.5, 0.5], [1.5, 1.5], [2.5, 2.5], [9.0, 9.0]])
    assert covers(views, points).toarray().tolist() == [[1, 1, 0, 0], [0, 0, 0, 0], [0, 1, 1, 0]]
    assert seen_by_any(views, points).tolist() == [True, True, True, False]
    assert covers([], points).shape == (0, 4)
    assert covers(views, np.empty((0, 2))).shape == (3, 0)


@settings(deadline=None, max_examples=30)
@given(some.integers(1, 30), some.integers(1, 60), some.integers(0, 2**31))
def test_the_table_is_what_asking_each_view_for_each_point_says(views: int, points: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    discs = [shapely.Point(*chance.uniform(0, 10, 2)).buffer(chance.uniform(0.1, 3)) for _ in range(views)]
    at = chance.uniform(0, 10, (points, 2))
    asked = [[int(shapely.intersects_xy(disc, x, y)) for x, y in at] for disc in discs]
    assert covers(discs, at).toarray().tolist() == asked


@pytest.mark.parametrize(
    ("roads", "found"),
    [
        ([[(0, 0), (10, 0)], [(5, -5), (5, 5)]], {(5.0, 0.0)}),
        ([[(0, 0), (5, 0)], [(5, 0), (10, 0)]], set()),  # one road, drawn in two
        ([[(0, 0), (5, 0)], [(5, 0), (10, 0)], [(5, 0), (5, 9)]], {(5.0, 0.0)}),
        ([[(0, 0), (10, 0)]], set()),
        ([], set()),
    ],
)
def test_a_crossing_is_where_three_stretches_meet(
    roads: list[list[tuple[float, float]]], found: set[tuple[float, float]]
) -> None:
    assert {(float(x), float(y)) for x, y in crossings([shapely.LineString(one) for one in roads])} == found


def test_points_along_roads_stand_for_all_their_metres() -> None:
    roads = [shapely.LineString([(0, 0), (95, 0)]), shapely.LineString([(0, 9), (3, 9)])]
    points, metres = along(roads, every_m=20)
    assert len(points) == 6
    assert metres.sum() == pytest.approx(98)
    assert points[0] == pytest.approx([9.5, 0])
    empty, none = along([], every_m=20)
    assert (empty.shape, none.shape) == ((0, 2), (0,))


@settings(deadline=None, max_examples=50)
@given(some.integers(1, 400), some.floats(0.5, 60), some.floats(0.5, 60))
def test_points_across_ground_stand_for_all_of_it(most: int, wide: float, high: float) -> None:
    sliver = shapely.box(1000, 0, 1000.01, 0.01)
    ground = shapely.MultiPolygon([shapely.box(0, 0, wide, high), sliver])
    points, shares = across(ground, most=most)
    assert shares.sum() == pytest.approx(ground.area)
    assert shapely.intersects_xy(ground, points[:, 0], points[:, 1]).all()
    assert shapely.intersects_xy(sliver, points[:, 0], points[:, 1]).any()


def test_no_ground_has_no_points() -> None:
    points, shares = across(shapely.Polygon(), most=100)
    assert (points.shape, shares.shape) == ((0, 2), (0,))


def test_the_outer_corners_of_a_building_are_places_to_look_from() -> None:
    nook = shapely.Polygon([(0, 0), (20, 0), (20, 10), (10, 10), (10, 20), (0, 20), (0, 10)])
    found = {(float(x), float(y)) for x, y in corners(np.array([nook], dtype=object), apart_m=1)}
    # The inner corner sees into one nook only, and the point on a straight wall is no corner.
    assert found == {(0.0, 0.0), (20.0, 0.0), (20.0, 10.0), (10.0, 20.0), (0.0, 20.0)}


def test_corners_keep_their_distance() -> None:
    houses = np.array([shapely.box(i * 3, 0, i * 3 + 2, 2) for i in range(20)], dtype=object)
    found = corners(houses, apart_m=10)
    apart = np.hypot(*(found[:, None] - found[None]).transpose(2, 0, 1))
    assert len(found) >= 5
    assert apart[~np.eye(len(found), dtype=bool)].min() > 10


def test_demand_of_several_kinds_keeps_its_kinds_apart() -> None:
    whole = Demand.joined(
        [
            Demand.of("crossings", np.array([[0.0, 0.0], [1.0, 0.0]]), worth=5),
            Demand.of("places", np.empty((0, 2)), worth=9),
            Demand.of("roads", np.array([[2.0, 0.0]]), amount=np.array([40.0]), worth=2 / 100),
        ]
    )
    assert whole.kinds == ("crossings", "roads")
    assert whole.weight.tolist() == [5, 5, 0.8]
    assert whole.by_kind(np.array([True, False, True])) == {"crossings": 1.0, "roads": 40.0}
    assert whole.within(np.array([False, True, True])).weight.tolist() == [5, 0.8]
    assert Demand.joined([]).points.shape == (0, 2)


def test_a_lens_gives_its_fields_to_the_pose() -> None:
    (pose,) = candidates([POLE], [Lens(hfov_deg=30.0, height_m=6.0, tilt_deg=12.0, vfov_deg=20.0)], headings=1).poses
    assert (pose.lng, pose.lat, pose.height_m, pose.tilt_deg, pose.vfov_deg) == (104.8, 29.2, 6.0, 12.0, 20.0)
    assert math.isclose(pose.bearing_deg or 0.0, 0.0)
