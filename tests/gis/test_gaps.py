"""What a cell loses, keeps and never had: scenes worked out by hand, laws, and a count of small squares."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

import gis.gaps
from bench.lib import city
from data.types import Pose
from gis.coverage import view, views
from gis.depths import UNSEEN
from gis.faces import faces
from gis.gaps import CellCoverage, Ground, Sights, Tally, cells_coverage
from gis.matters import Matter
from gis.obstacles import Obstacles, to_lnglat
from gis.seen import Seen, corners_of
from gis.surfaces import array_of

UTM = "EPSG:32648"
EXACT = 1e-9
NO_BUILDINGS = Obstacles.of([], crs=UTM)
CELL = box(0, 0, 100, 100)
# Three views: A and B share 10 × 40, C stands alone and reaches out of the cell by half.
A, B, C = box(0, 0, 30, 40), box(20, 0, 60, 40), box(80, 80, 120, 100)


def covered(*views: Polygon, ground: Ground | None = None, least_gap: float = 1.0, **more: object) -> CellCoverage:
    sights = Sights.of(views, **more)  # type: ignore[arg-type]
    return cells_coverage([ground or Ground.of(CELL, NO_BUILDINGS)], sights, min_gap_m2=least_gap)[0]


def test_overlapping_views_count_once_and_what_two_see_is_known() -> None:
    found = covered(A, B, C)
    assert found.seen_m2 == pytest.approx(60 * 40 + 400, rel=EXACT)
    assert found.seen_by_2_m2 == pytest.approx(400, rel=EXACT)
    assert found.share == pytest.approx(0.28, rel=EXACT)
    assert found.cameras == (0, 1, 2)
    assert found.gaps.area == pytest.approx(7200, rel=EXACT)


def test_the_worst_single_loss_is_the_ground_one_camera_sees_alone() -> None:
    found = covered(A, B, C)
    # B alone sees 40 × 30 = 1,200, A alone 20 × 40 = 800, C 400.
    assert (found.worst, found.worst_m2) == (1, pytest.approx(1200, rel=EXACT))
    again = covered(A, C)
    assert found.seen_m2 - found.worst_m2 == pytest.approx(again.seen_m2, rel=EXACT)


def test_where_everything_is_seen_twice_no_single_loss_takes_anything() -> None:
    found = covered(A, A, B, B)
    assert (found.worst, found.worst_m2) == (None, 0.0)
    assert found.seen_by_2_m2 == pytest.approx(found.seen_m2, rel=EXACT)


def test_what_is_lost_now_is_what_only_cameras_that_fail_see() -> None:
    found = covered(A, B, C, works_now=[True, False, True])
    assert found.seen_now_m2 == pytest.approx(1200 + 400, rel=EXACT)
    assert found.lost_now_m2 == pytest.approx(1200, rel=EXACT)
    assert found.gaps_now.area == pytest.approx(found.gaps.area + 1200, rel=EXACT)
    assert covered(A, B, works_now=[False, False]).seen_now_m2 == 0.0


def test_doubt_and_plain_sectors_stand_beside_what_is_expected() -> None:
    found = covered(A, least=[box(0, 0, 10, 40)], most=[box(0, 0, 50, 40)], sector=[box(0, 0, 60, 50)])
    assert (found.least_m2, found.seen_m2, found.most_m2, found.sectors_m2) == pytest.approx((400, 1200, 2000, 3000))
    plain = covered(A)
    assert (plain.least_m2, plain.most_m2, plain.sectors_m2) == (plain.seen_m2, plain.seen_m2, None)


def test_buildings_are_no_open_ground_even_where_a_view_reaches_into_them() -> None:
    ground = Ground.of(CELL, Obstacles.of([box(10, 10, 20, 20), box(90, 90, 110, 110)], crs=UTM))
    found = covered(A, B, ground=ground)
    assert found.open_m2 == pytest.approx(10_000 - 100 - 100, rel=EXACT)
    assert found.seen_m2 == pytest.approx(2400 - 100, rel=EXACT)
    assert found.worst_m2 == pytest.approx(1200, rel=EXACT)
    assert not found.flags


def test_a_gap_is_told_from_a_size_on() -> None:
    views = [box(0, 0, 100, 49), box(0, 50, 100, 99), box(0, 49, 90, 50)]
    assert [gap.area for gap in covered(*views, least_gap=11).gaps.geoms] == pytest.approx([100])
    assert len(covered(*views, least_gap=1).gaps.geoms) == 2


def test_no_views_and_an_empty_view_see_nothing() -> None:
    for found in (covered(), covered(Polygon()), covered(box(200, 200, 300, 300))):
        assert (found.seen_m2, found.seen_by_2_m2, found.worst, found.cameras) == (0.0, 0.0, None, ())
        assert found.gaps.area == pytest.approx(10_000)
    assert cells_coverage([], Sights.of([A]), min_gap_m2=1.0) == []


def tally(found: CellCoverage, matter: Matter) -> Tally:
    return found.tallies[matter]


def test_roads_count_in_metres_inside_the_cell_and_once_where_records_run_together() -> None:
    roads = [LineString([(-50, 20), (100, 20)]), LineString([(50, 20), (80, 20)]), LineString([(50, -10), (50, 100)])]
    found = covered(A, B, ground=Ground.of(CELL, NO_BUILDINGS, roads=roads), works_now=[True, False])
    assert tally(found, Matter.ROADS) == Tally(of=200, seen=60 + 40, now=30, least=100, most=100)
    assert tally(found, Matter.CROSSINGS) == Tally(of=1, seen=1, now=0, least=1, most=1)


def test_ends_that_meet_are_a_crossing_and_a_bend_is_none() -> None:
    corner = [LineString([(10, 10), (20, 20)]), LineString([(20, 20), (40, 20)])]
    assert tally(covered(ground=Ground.of(CELL, NO_BUILDINGS, roads=corner)), Matter.CROSSINGS).of == 0
    fork = [*corner, LineString([(20, 20), (20, 60)])]
    assert tally(covered(ground=Ground.of(CELL, NO_BUILDINGS, roads=fork)), Matter.CROSSINGS).of == 1
    outside = [shapely.transform(one, lambda at: at + 100) for one in fork]
    assert tally(covered(ground=Ground.of(CELL, NO_BUILDINGS, roads=outside)), Matter.CROSSINGS).of == 0


def test_a_building_is_seen_with_a_stretch_of_a_wall_not_with_a_corner() -> None:
    wall, corner, far = box(30, 10, 40, 20), box(30, 40, 40, 50), box(70, 70, 80, 80)
    ground = Ground.of(CELL, Obstacles.of([wall, corner, far], crs=UTM))
    assert tally(covered(A, ground=ground), Matter.BUILDINGS) == Tally(of=3, seen=1, now=1, least=1, most=1)


def test_a_place_in_a_building_is_seen_with_its_wall_and_the_order_is_kept() -> None:
    school = box(30, 10, 40, 20)
    places = [Point(90, 10), Point(35, 15), Point(5, 5)]
    ground = Ground.of(CELL, Obstacles.of([school], crs=UTM), places=places, incidents=[Point(1, 1), Point(99, 1)])
    found = covered(A, C, ground=ground, works_now=[False, True])
    assert found.places_seen.tolist() == [False, True, True]
    assert found.places_now.tolist() == [False, False, False]
    assert tally(found, Matter.PLACES) == Tally(of=3, seen=2, now=0, least=2, most=2)
    assert tally(found, Matter.INCIDENTS) == Tally(of=2, seen=1, now=0, least=1, most=1)


def test_many_cells_are_measured_as_each_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gis.gaps, "CELLS_AT_ONCE", 3)
    cells = [box(x, y, x + 25, y + 25) for x in range(0, 100, 25) for y in range(0, 100, 25)]
    grounds = [Ground.of(cell, NO_BUILDINGS) for cell in cells]
    sights = Sights.of([A, B, C], works_now=[True, True, False])
    together = cells_coverage(grounds, sights, min_gap_m2=1.0)
    alone = [cells_coverage([ground], sights, min_gap_m2=1.0)[0] for ground in grounds]
    for one, other in zip(together, alone, strict=True):
        assert (one.seen_m2, one.seen_by_2_m2, one.worst, one.worst_m2, one.cameras) == (
            other.seen_m2, other.seen_by_2_m2, other.worst, other.worst_m2, other.cameras)  # fmt: skip
    assert sum(one.seen_m2 for one in together) == pytest.approx(covered(A, B, C).seen_m2)


def scene(seed: int, *, cameras: int) -> tuple[Ground, list[Polygon]]:
    """Return a cell with buildings and views of cameras among them, far from the origin of the zone like real ones."""
    chance = np.random.default_rng(seed)
    corner = np.array([500_000.0, 3_320_000.0])
    obstacles = Obstacles.of([box(x, y, x + 12, y + 9) for x, y in chance.uniform(0, 100, (6, 2)) + corner], crs=UTM)
    eyes = to_lnglat(shapely.points(chance.uniform(0, 100, (cameras, 2)) + corner), crs=UTM)
    poses = [
        Pose(lng=eye.x, lat=eye.y, bearing_deg=float(chance.uniform(0, 360)), hfov_deg=float(chance.uniform(30, 200)),
             reach_m=float(chance.uniform(10, 60)))
        for eye in eyes
    ]  # fmt: skip
    cell = shapely.transform(CELL, lambda at: at + corner)
    road = shapely.transform(LineString([(0, 30), (100, 70)]), lambda at: at + corner)
    places = shapely.points(chance.uniform(0, 100, (20, 2)) + corner)
    return Ground.of(cell, obstacles, roads=[road], places=places), [view(pose, obstacles).polygon for pose in poses]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), cameras=st.integers(1, 9), data=st.data())
def test_more_cameras_never_see_less_and_fewer_never_more(seed: int, cameras: int, data: st.DataObject) -> None:
    ground, views = scene(seed, cameras=cameras)
    working = data.draw(st.lists(st.booleans(), min_size=cameras, max_size=cameras))
    found = covered(*views, ground=ground, works_now=working)
    fewer = covered(*views[:-1], ground=ground, works_now=working[:-1])
    # What lies closer together than a millionth of a metre may be taken as touching.
    tiny = 1e-4
    for name in ("seen_m2", "seen_by_2_m2", "seen_now_m2"):
        assert getattr(fewer, name) <= getattr(found, name) + tiny
    assert found.seen_by_2_m2 <= found.seen_m2 + tiny
    assert found.seen_now_m2 <= found.seen_m2 <= found.open_m2 <= found.area_m2
    assert found.seen_m2 <= sum(shapely.intersection(one, ground.open).area for one in views) + tiny
    assert found.gaps.area <= found.open_m2 - found.seen_m2 + tiny
    for one in found.tallies.values():
        assert one.now <= one.seen + tiny
        assert one.seen <= one.of + tiny
    # Without the worst camera exactly that much is gone, and without any other one no more.
    lost = [
        found.seen_m2 - covered(*(other for row, other in enumerate(views) if row != out), ground=ground).seen_m2
        for out in range(cameras)
    ]
    assert max(lost) == pytest.approx(found.worst_m2, abs=2e-3)


@pytest.mark.parametrize("seed", [1, 2])
def test_small_squares_counted_one_by_one_say_the_same(seed: int) -> None:
    ground, views = scene(seed, cameras=7)
    found = covered(*views, ground=ground)
    side_m = 0.5
    west, south, east, north = ground.cell.bounds
    across, up = np.meshgrid(np.arange(west, east, side_m) + side_m / 2, np.arange(south, north, side_m) + side_m / 2)
    shapely.prepare(array_of(views))
    times = sum(shapely.contains_xy(one, across, up).astype(int) for one in views)
    # What lies on an edge falls to either side by chance, so the error goes with the root of the squares cut.
    edges = sum(one.length for one in views) / side_m
    within = 3 * side_m**2 * math.sqrt(edges)
    assert (times >= 1).sum() * side_m**2 == pytest.approx(found.seen_m2, abs=within)
    assert (times >= 2).sum() * side_m**2 == pytest.approx(found.seen_by_2_m2, abs=within)


def test_outlines_of_gaps_seldom_need_to_be_mended() -> None:
    """Views end at walls and corners, a nanometre off: drawn as they are, outlines would cross there."""
    built = city.houses(400)
    obstacles = Obstacles.of(built, crs=city.CRS)
    eyes = city.poses(40, built, hfov_deg=90.0, reach_m=80.0)
    seen_by = corners_of(array_of([one.polygon for one in views(eyes, obstacles)]))
    west, south, east, north = shapely.total_bounds(built)
    x, y = np.linspace(west, east, 6), np.linspace(south, north, 6)
    cells = [box(x[i], y[j], x[i + 1], y[j + 1]) for i in range(5) for j in range(5)]
    sound = 0
    for cell in cells:
        ground = Ground.of(cell, obstacles)
        seen = Seen.of(ground.open, seen_by, np.arange(len(eyes)))
        assert seen._pieces is not None
        points, rings, polygons, _ = faces(seen._pieces, UNSEEN, 0.0)
        drawn = shapely.from_ragged_array(shapely.GeometryType.POLYGON, points, (rings, polygons))
        sound += MultiPolygon(list(drawn)).is_valid

    assert sound >= 22
