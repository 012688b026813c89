"""Many cameras at once: the same as each alone, whatever is given."""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon, box

from bench.lib import city
from data.types import Pose
from gis.compiled import keep_in
from gis.coverage import CoverageFlag, LooksOverRoofs, WrongPose, view, view_arrays, views
from gis.obstacles import Obstacles, WrongHeights
from gis.outline import shapes
from gis.poses import MOST_REACH_M, Poses, fans_of

HOUSES = city.houses(400)
TOWN = Obstacles.of(HOUSES, crs=city.CRS)
# More than a chunk, so that threads share them.
ROUND = city.poses(700, HOUSES, hfov_deg=360.0, reach_m=90.0)
POSES = [*city.poses(700, HOUSES, hfov_deg=70.0, reach_m=60.0), *ROUND]
POSE = POSES[0]


def test_many_at_once_are_the_same_as_each_alone() -> None:
    together = views(POSES, TOWN)

    assert together[::40] == [view(pose, TOWN) for pose in POSES[::40]]
    assert {CoverageFlag.ON_WALL, CoverageFlag.INSIDE_BUILDING} <= {flag for seen in together for flag in seen.flags}
    assert max(abs(seen.polygon.area - seen.area_m2) for seen in together) < 1e-5


def test_arrays_hold_what_the_views_hold() -> None:
    together, arrays = views(POSES, TOWN), view_arrays(POSES, TOWN)
    assert arrays.outlines is not None

    flags = [tuple(flag for bit, flag in enumerate(CoverageFlag) if bits >> bit & 1) for bits in arrays.flags.tolist()]

    assert arrays.area_m2.tolist() == [seen.area_m2 for seen in together]
    assert flags == [seen.flags for seen in together]
    assert shapes(arrays.outlines).tolist() == [seen.polygon for seen in together]


def test_the_order_of_cameras_changes_nothing() -> None:
    order = np.random.default_rng(1).permutation(len(POSES))

    mixed = view_arrays([POSES[row] for row in order], TOWN, outlines=False)

    assert mixed.area_m2.tolist() == view_arrays(POSES, TOWN, outlines=False).area_m2[order].tolist()


def test_threads_that_look_at_the_same_time_see_the_same() -> None:
    alone = view_arrays(POSES, TOWN, outlines=False).area_m2.tolist()

    with ThreadPoolExecutor(max_workers=4) as workers:
        found = list(workers.map(lambda _: view_arrays(POSES, TOWN, outlines=False).area_m2.tolist(), range(4)))

    assert found == [alone] * 4


def test_no_cameras_see_nothing() -> None:
    assert views([], TOWN) == []
    assert len(view_arrays([], TOWN).area_m2) == 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"lat": math.nan}, "lat"),
        ({"lat": 91.0}, "lat"),
        ({"lng": math.inf}, "lng"),
        ({"bearing_deg": math.nan}, "bearing_deg"),
        ({"hfov_deg": -1.0}, "hfov_deg"),
        ({"height_m": -2.0}, "height_m"),
        ({"height_m": math.inf}, "height_m"),
        ({"reach_m": -5.0}, "reach_m"),
        ({"reach_m": 1e9}, "reach_m"),
        ({"lng": -63.0, "lat": 0.0}, "zone"),
    ],
)
def test_a_pose_no_camera_can_have_is_refused_in_a_sentence(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongPose, match=said):
        view_arrays([POSE, replace(POSE, **changed)], TOWN)


@pytest.mark.parametrize("density", [0.0, -1.0, math.nan, math.inf])
def test_a_density_that_cannot_be_met_is_refused(density: float) -> None:
    with pytest.raises(WrongPose, match="pixels a metre"):
        view(POSE, TOWN, px_per_m=density)


def test_an_angle_of_view_of_zero_is_unknown_and_a_reach_of_zero_shows_nothing() -> None:
    assert CoverageFlag.HFOV_GUESSED in view(replace(POSE, hfov_deg=0.0), TOWN).flags
    assert CoverageFlag.SEES_NO_GROUND in view(replace(POSE, reach_m=0.0), TOWN).flags


@pytest.mark.parametrize(
    ("lng", "lat", "crs"), [(180.0, 10.0, "EPSG:32601"), (-180.0, 10.0, "EPSG:32660"), (30.0, 90.0, "EPSG:32661")]
)
def test_at_the_antimeridian_and_the_pole_open_ground_is_seen(lng: float, lat: float, crs: str) -> None:
    pose = Pose(lng=lng, lat=lat, hfov_deg=360.0, reach_m=50.0)

    assert view(pose, Obstacles.of([], crs=crs)).area_m2 == pytest.approx(math.pi * 2500)


def test_a_reach_of_100_km_and_a_house_as_large_as_a_province_take_no_harm() -> None:
    fans = fans_of(Poses.of([POSE]), crs=city.CRS)
    x, y = float(fans.x[0]), float(fans.y[0])
    province = box(x + 1_000, y - 400_000, x + 800_000, y + 400_000)
    around = Obstacles.of([*HOUSES, province, box(x - 1e12, y, x, y + 1e12)], crs=city.CRS)

    far = view(replace(POSE, bearing_deg=None, reach_m=MOST_REACH_M), around)

    assert 0 < far.area_m2 < math.pi * MOST_REACH_M**2
    assert shapely.area(around.footprints).max() == pytest.approx(province.area)


def test_a_footprint_of_200_000_corners_is_taken_as_it_is() -> None:
    fans = fans_of(Poses.of([POSE]), crs=city.CRS)
    angle = np.linspace(0, 2 * math.pi, 200_001)[:-1]
    wavy = 50 + np.sin(angle * 2_000)
    x, y = fans.x[0] + 100 + np.cos(angle) * wavy, fans.y[0] + np.sin(angle) * wavy
    tower = Obstacles.of([Polygon(np.column_stack([x, y]))], crs=city.CRS)

    seen = view(replace(POSE, bearing_deg=None, reach_m=200.0), tower)

    # Behind a round tower 100 m away, of a radius of 50 m, a third of the half turn is hidden.
    hidden = 100 * math.sqrt(100**2 - 51**2) / 2
    assert len(tower.edges) == 200_000
    assert 0.6 < seen.share < 1 - hidden / seen.sector_m2


def test_odd_footprints_are_repaired_wherever_they_stand_in_the_list() -> None:
    bow_tie = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    clockwise = Polygon([(0, 20), (0, 30), (10, 30), (10, 20)])
    twice = Polygon([(20, 0), (30, 0), (30, 0), (30, 10), (20, 10)])
    high = Polygon([(20, 20, 5), (30, 20, 5), (30, 30, 5)])
    ring = Polygon(box(40, 0, 50, 10).exterior, [box(42, 2, 48, 8).exterior])
    spike = Polygon([(60, 0), (70, 0), (80, 0), (70, 0), (70, 10), (60, 10)])
    odd = [
        bow_tie,
        None,
        clockwise,
        twice,
        Point(1, 1),
        high,
        Polygon(),
        ring,
        spike,
        MultiPolygon([box(90, 0, 95, 5)]),
    ]

    town = Obstacles.of(odd, crs=city.CRS, heights_m=[float(row) for row in range(len(odd))])

    areas = {row: shapely.area(town.footprints[town.rows == row]).sum() for row in set(town.rows.tolist())}
    assert areas == pytest.approx({0: 50, 2: 100, 3: 100, 5: 50, 7: 64, 8: 100, 9: 25})
    assert town.heights_m.tolist() == town.rows.tolist()
    assert shapely.is_valid(town.footprints).all()
    assert not shapely.has_z(town.footprints).any()
    assert shapely.is_ccw(shapely.get_exterior_ring(town.footprints)).all()
    assert _area_of_edges(town) == pytest.approx(shapely.area(town.footprints).tolist())


def _area_of_edges(town: Obstacles) -> list[float]:
    cross = town.edges[:, 0] * town.edges[:, 3] - town.edges[:, 1] * town.edges[:, 2]
    return [float(cross[a:b].sum() / 2) for a, b in zip(town.first[:-1], town.first[1:], strict=True)]


def test_heights_must_be_one_a_footprint_and_what_is_none_is_unknown() -> None:
    with pytest.raises(WrongHeights, match="1 heights for 2 footprints"):
        Obstacles.of([box(0, 0, 1, 1), box(2, 0, 3, 1)], crs=city.CRS, heights_m=[3.0])

    known = Obstacles.of([box(k, 0, k + 0.5, 1) for k in range(4)], crs=city.CRS, heights_m=[3, -1, math.inf, math.nan])

    assert np.isnan(known.heights_m).tolist() == [False, True, True, True]


def test_arrays_are_refused_where_a_camera_may_look_over_roofs() -> None:
    low = Obstacles.of(HOUSES, crs=city.CRS, heights_m=np.full(len(HOUSES), 3.0))

    with pytest.raises(LooksOverRoofs, match="views"):
        view_arrays([replace(POSE, height_m=6.0)], low)
    assert len(view_arrays([POSE], low).area_m2) == 1


def test_compiled_code_is_kept_in_the_first_folder_that_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    folders = [tmp_path / "file", tmp_path / "home", tmp_path / "later"]

    assert keep_in(iter(folders), name="code") == tmp_path / "home" / "code"
    assert keep_in(iter(folders[:1]), name="code") is None
