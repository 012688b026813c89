"""One scene worked out by hand, to 1e-9 of every figure.

The camera stands at (0, 0), looks east, sees 90° wide and 50 m far, so its sector lies between the rays y = x and
y = -x and has π · 50² / 4 = 625 π m².

             y
         10  |     B┌──────┐            A  (20, -5) to (30, 5)     stands in the middle
          5  |     B└──┬───┴─┐          B  (16, 5) to (24, 10)     touches A along y = 5
          0  camera    │A    │          C  (24, -30) to (34, -18)  stands on the sector's edge y = -x
         -5  |         └─────┘
        -18  |           ┌────┐C
        -30  |           └────┘

What the rays meet, from y = -x upwards:

1. C's west wall from (24, -24), where y = -x enters it, to (24, -18):   triangle 24 ·  6 / 2 =  72
2. C's north wall from (24, -18) to (34, -18):                          triangle 18 · 10 / 2 =  90
3. nothing from atan(-18/34) to atan(-5/20):    circular sector 50²/2 · (atan(9/17) - atan(1/4))
4. A's west wall from (20, -5) to (20, 5):                              triangle 20 · 10 / 2 = 100
5. B's south wall from (20, 5), where it leaves A, to (16, 5):          triangle  5 ·  4 / 2 =  10
6. B's west wall from (16, 5) to (16, 10):                              triangle 16 ·  5 / 2 =  40
7. nothing from atan(10/16) to 45°:             circular sector 50²/2 · (π/4 - atan(5/8))

View = 312 + 1250 · (atan(9/17) - atan(1/4) + π/4 - atan(5/8)) = 897.9… m².
The cell from (-10, -50) to (60, 50) has 7,000 m²; without A (100), B (40) and C (120) its open ground has 6,740 m².
"""

import pytest
import shapely

from gis.coverage import CoverageFlag, View, view, view_lnglat
from gis.gaps import cell_coverage
from gis.obstacles import Obstacles
from tests.scenes import hand_scene

SCENE = hand_scene()
EXACT = 1e-9


@pytest.fixture
def obstacles() -> Obstacles:
    return Obstacles.of(SCENE.buildings, crs=SCENE.crs)


@pytest.fixture
def seen(obstacles: Obstacles) -> View:
    return view(SCENE.pose, obstacles, px_per_m=SCENE.px_per_m)


def test_the_view_has_the_area_worked_out_by_hand(seen: View) -> None:
    assert seen.area_m2 == pytest.approx(SCENE.view_m2, rel=EXACT)
    assert seen.sector_m2 == pytest.approx(SCENE.sector_m2, rel=EXACT)
    assert seen.share == pytest.approx(SCENE.view_m2 / SCENE.sector_m2, rel=EXACT)


def test_the_polygon_has_the_same_area_though_its_arcs_are_polylines(seen: View) -> None:
    assert seen.polygon.area == pytest.approx(SCENE.view_m2, rel=EXACT)
    assert seen.sector.area == pytest.approx(SCENE.sector_m2, rel=EXACT)


def test_the_share_of_the_cell_is_the_one_worked_out_by_hand(seen: View, obstacles: Obstacles) -> None:
    cell = cell_coverage(SCENE.cell, [seen.polygon], obstacles=obstacles, min_gap_m2=1.0)

    assert cell.seen_m2 == pytest.approx(SCENE.view_m2, rel=EXACT)
    assert cell.open_m2 == pytest.approx(SCENE.open_m2, rel=EXACT)
    assert cell.share == pytest.approx(SCENE.share, rel=EXACT)
    assert cell.share_of_open == pytest.approx(SCENE.view_m2 / SCENE.open_m2, rel=EXACT)
    assert cell.gaps.area == pytest.approx(SCENE.open_m2 - SCENE.view_m2, rel=EXACT)


def test_the_way_through_lng_and_lat_changes_nothing_that_counts() -> None:
    there = [SCENE.lnglat(building) for building in SCENE.buildings]
    seen = view_lnglat(SCENE.pose, there, crs=SCENE.crs, px_per_m=SCENE.px_per_m)

    assert seen.area_m2 == pytest.approx(SCENE.view_m2, rel=EXACT)
    assert seen.polygon.contains(shapely.Point(SCENE.pose.lng + 1e-5, SCENE.pose.lat))


def test_what_was_not_known_is_said(seen: View) -> None:
    assert seen.flags == (CoverageFlag.NEAR_ZONE_IGNORED, CoverageFlag.HEIGHTS_IGNORED)
