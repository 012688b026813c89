"""Records that no camera and no building can have: a clear sentence, or the right answer, in bounded time."""

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from data.types import Pose
from gis.coverage import CoverageFlag, View, WrongPose, view, view_lnglat, views
from gis.obstacles import NotMetric, Obstacles
from tests.gis.exact import Look
from tests.gis.town import obstacles_of, pose_at
from tests.scenes import ZONE_117

HERE = Fraction(0), Fraction(0)
AROUND = pose_at(HERE, Look(reach_m=50.0))
EAST = pose_at(HERE, Look(reach_m=50.0, bearing_deg=90.0, width_deg=90.0))
HOUSE = box(20, -5, 30, 5)
OPEN = Obstacles.of([], crs=ZONE_117)
DISC_M2 = math.pi * 50**2
NAN, INFINITE = math.nan, math.inf


def seen(pose: Pose, *houses: shapely.Geometry | None) -> View:
    return view(pose, obstacles_of(houses))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"lng": NAN}, "lng = nan"),
        ({"lat": INFINITE}, "lat = inf"),
        ({"lat": 90.5}, "lat = 90.5"),
        ({"lng": 1e9}, "lng = 1000000000.0"),
        ({"bearing_deg": NAN}, "bearing_deg = nan"),
        ({"hfov_deg": -90.0}, "hfov_deg = -90.0"),
        ({"hfov_deg": 361.0}, "hfov_deg = 361.0"),
        ({"hfov_deg": NAN}, "hfov_deg = nan"),
        ({"vfov_deg": -1.0}, "vfov_deg = -1.0"),
        ({"tilt_deg": INFINITE}, "tilt_deg = inf"),
        ({"height_m": -4.0}, "height_m = -4.0"),
        ({"reach_m": -10.0}, "reach_m = -10.0"),
        ({"reach_m": INFINITE}, "reach_m = inf"),
        ({"reach_m": 1e12}, "reach_m = 1000000000000.0"),
        ({"width_px": -1920}, "width_px = -1920"),
    ],
)
def test_a_pose_no_camera_can_have_is_refused_with_a_sentence(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(WrongPose, match=sentence):
        view(replace(EAST, **fields), OPEN)


def test_the_wrong_one_of_many_cameras_is_named() -> None:
    with pytest.raises(WrongPose, match="Camera 3 has height_m"):
        views([EAST, EAST, replace(EAST, height_m=-1.0)], OPEN)


@pytest.mark.parametrize("px_per_m", [0.0, -25.0, NAN, INFINITE])
def test_a_density_that_cannot_be_met_is_refused(px_per_m: float) -> None:
    with pytest.raises(WrongPose, match="cannot be met"):
        view(EAST, OPEN, px_per_m=px_per_m)


def test_angles_of_zero_are_read_as_unknown_and_said_to_be_guessed() -> None:
    nothing = seen(replace(EAST, hfov_deg=0.0, vfov_deg=0.0), HOUSE)

    assert CoverageFlag.HFOV_GUESSED in nothing.flags
    assert nothing.area_m2 == pytest.approx(seen(replace(EAST, hfov_deg=None), HOUSE).area_m2)


def test_a_reach_of_zero_sees_no_ground_and_says_so() -> None:
    nothing = seen(replace(EAST, reach_m=0.0), HOUSE)

    assert (nothing.area_m2, nothing.sector_m2, nothing.share, nothing.polygon.is_empty) == (0, 0, 0, True)
    assert CoverageFlag.SEES_NO_GROUND in nothing.flags


@pytest.mark.parametrize("bearing_deg", [-270.0, 450.0, 90.0])
def test_a_bearing_counts_modulo_a_whole_turn(bearing_deg: float) -> None:
    assert seen(replace(EAST, bearing_deg=bearing_deg), HOUSE).area_m2 == pytest.approx(seen(EAST, HOUSE).area_m2)


SPIKE = Polygon([(20, -5), (30, -5), (30, 5), (40, 5), (30, 5), (20, 5)])
EIGHT = Polygon([(20, -5), (30, 5), (30, -5), (20, 5)])
SAME_AS_HOUSE = [
    ("every corner twice", Polygon(np.repeat(shapely.get_coordinates(HOUSE), 2, axis=0))),
    ("a spike of no width", SPIKE),
    ("corners within its walls", shapely.segmentize(HOUSE, 0.5)),
    ("drawn the other way round", HOUSE.reverse()),
    ("with heights of its corners", shapely.force_3d(HOUSE, 7.0)),
    ("with a hole of no area", Polygon(HOUSE.exterior, [[(22, 0), (25, 0), (28, 0)]])),
    ("with a hole that is a point", Polygon(HOUSE.exterior, [[(25, 0), (25, 0), (25, 0)]])),
    ("in a collection with lines", GeometryCollection([HOUSE, LineString([(0, 9), (9, 9)]), Point(1, 1)])),
    ("in two parts that touch", MultiPolygon([box(20, -5, 25, 5), box(25, -5, 30, 5)])),
    ("in two parts that overlap", MultiPolygon([box(20, -5, 27, 5), box(24, -5, 30, 5)])),
]


@pytest.mark.parametrize(("name", "odd"), SAME_AS_HOUSE, ids=[name for name, _ in SAME_AS_HOUSE])
def test_an_odd_ring_hides_what_the_plain_house_hides(name: str, odd: shapely.Geometry) -> None:
    assert seen(AROUND, odd).area_m2 == pytest.approx(seen(AROUND, HOUSE).area_m2, rel=1e-9), name


def test_a_ring_that_crosses_itself_hides_by_both_of_its_halves() -> None:
    halves = Polygon([(20, -5), (25, 0), (20, 5)]), Polygon([(30, -5), (30, 5), (25, 0)])

    assert seen(AROUND, EIGHT).area_m2 == pytest.approx(seen(AROUND, *halves).area_m2, rel=1e-9)
    assert seen(AROUND, EIGHT).area_m2 < DISC_M2 - 100


def house_with(odd: float) -> Polygon:
    with np.errstate(invalid="ignore"):
        return shapely.transform(HOUSE, lambda points: np.where(points == 20, odd, points))


@pytest.mark.parametrize(
    "nothing",
    [
        None,
        Polygon(),
        Point(20, 0),
        LineString([(20, -5), (20, 5)]),
        Polygon([(20, -5), (25, 0), (30, 5)]),
        Polygon([(20, 0), (20, 0), (20, 0)]),
        house_with(NAN),
        house_with(INFINITE),
        MultiPolygon(),
    ],
    ids=lambda each: getattr(each, "wkt", "None")[:32],
)
def test_what_has_no_area_hides_nothing(nothing: shapely.Geometry | None) -> None:
    assert seen(AROUND, nothing).area_m2 == pytest.approx(DISC_M2)


def test_a_footprint_that_covers_the_world_holds_the_camera_and_is_left_out() -> None:
    everywhere = seen(AROUND, box(-1e6, -1e6, 1e6, 1e6))

    assert CoverageFlag.INSIDE_BUILDING in everywhere.flags
    assert everywhere.area_m2 == pytest.approx(DISC_M2)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2263"])
def test_buildings_in_degrees_or_feet_are_refused(crs: str) -> None:
    with pytest.raises(NotMetric, match="projected CRS of metres"):
        view_lnglat(EAST, [], crs=crs)


def test_a_crs_nobody_knows_is_refused() -> None:
    with pytest.raises((NotMetric, pyproj.exceptions.CRSError)):
        view_lnglat(EAST, [], crs="EPSG:999999")


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:32633"])
def test_a_frame_whose_metres_are_no_metres_here_is_refused(crs: str) -> None:
    with pytest.raises(WrongPose, match="draws a metre as"):
        view(EAST, Obstacles.of([], crs=crs))


def test_a_zone_beside_that_of_the_place_is_near_enough() -> None:
    beside = view(EAST, Obstacles.of([], crs="EPSG:32649"))
    assert beside.area_m2 == pytest.approx(DISC_M2 / 4, rel=1e-9)


def test_a_camera_at_the_antimeridian_sees_across_it() -> None:
    pose = Pose(lng=179.9999, lat=10.0, reach_m=50.0)
    x, y = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:32660", always_xy=True).transform(pose.lng, pose.lat)
    beyond = Obstacles.of([box(x + 20, y - 5, x + 30, y + 5)], crs="EPSG:32660")

    assert view(pose, beyond).area_m2 == pytest.approx(seen(AROUND, HOUSE).area_m2, rel=1e-6)


def test_a_view_across_the_antimeridian_comes_back_in_two_parts() -> None:
    across = view_lnglat(Pose(lng=179.9999, lat=10.0, reach_m=50.0), [], crs="EPSG:32660").polygon

    assert across.geom_type == "MultiPolygon"
    assert max(part.bounds[2] - part.bounds[0] for part in across.geoms) < 0.001
    assert across.intersects(Point(-179.9999, 10.0))
    assert not across.intersects(Point(0.0, 10.0))


@pytest.mark.parametrize("crs", ["EPSG:32661", "EPSG:32660"])
def test_a_camera_at_the_pole_sees_its_disc(crs: str) -> None:
    at_pole = view(Pose(lng=0.0, lat=90.0, bearing_deg=45.0, hfov_deg=90.0, reach_m=50.0), Obstacles.of([], crs=crs))

    assert at_pole.area_m2 == pytest.approx(DISC_M2 / 4)


def test_a_house_of_a_hundred_thousand_corners_hides_what_a_round_one_does() -> None:
    """By hand, a million corners: 1.0 s to take in, 0.7 s a view, 0.5 GB."""
    turn = np.linspace(0, 2 * np.pi, 100_001)[:-1]
    tower = Polygon(np.stack([30 + 10 * np.cos(turn), 10 * np.sin(turn)], axis=1))
    half = math.asin(10 / 30)
    edge = math.sqrt(30**2 - 10**2)
    # What lies before the tower: two tangents of length `edge`, less the part of the circle that bulges towards us.
    before = 10 * edge - 10**2 * (math.pi / 2 - half)

    assert seen(AROUND, tower).area_m2 == pytest.approx(DISC_M2 - half * 50**2 + before, rel=1e-8)


def test_a_camera_on_the_wall_of_such_a_house_sees_the_half_before_it() -> None:
    turn = np.linspace(0, 2 * np.pi, 20_001)[:-1]
    tower = Polygon(np.stack([1000 * np.cos(turn) - 1000, 1000 * np.sin(turn)], axis=1))

    on_wall = seen(AROUND, tower)
    assert CoverageFlag.ON_WALL in on_wall.flags
    assert 0.5 < on_wall.share < 0.55
