"""Density classes: the distances of the standard, and views that nest."""

import itertools
from dataclasses import replace

import pytest
from shapely import Point, box

from data.types import Pose
from gis.obstacles import Obstacles, to_metres
from gis.pixels import PX_PER_M, DensityClass, class_of, densest_first, px_per_m_at, reaches_m, views_by_class
from gis.surfaces import array_of

POSE = Pose(lng=117.0, lat=30.0, bearing_deg=30.0, hfov_deg=90.0, width_px=1920)
UTM = "EPSG:32650"


@pytest.mark.parametrize(
    ("width_px", "hfov_deg", "metres"),
    [
        (1920, 90.0, (38.40, 15.36, 7.68, 3.84)),
        (3840, 90.0, (76.80, 30.72, 15.36, 7.68)),
        (1920, 30.0, (143.31, 57.32, 28.66, 14.33)),
    ],
)
def test_every_class_reaches_as_far_as_the_standard_says(
    width_px: int, hfov_deg: float, metres: tuple[float, ...]
) -> None:
    reaches = reaches_m(replace(POSE, width_px=width_px, hfov_deg=hfov_deg))

    assert list(reaches) == list(DensityClass)
    assert list(reaches.values()) == pytest.approx(metres, abs=0.005)


def test_density_falls_with_distance_and_names_the_class() -> None:
    at = px_per_m_at(POSE, 7.0)

    assert at == pytest.approx(1920 / 14)
    assert class_of(at) is DensityClass.RECOGNISE
    assert [class_of(density) for density in (24.9, 25.0, 1e6)] == [None, DensityClass.DETECT, DensityClass.IDENTIFY]
    assert px_per_m_at(replace(POSE, width_px=None), 7.0) is None


def test_the_table_may_be_another() -> None:
    table = {DensityClass.DETECT: 20.0, DensityClass.IDENTIFY: 500.0}

    assert list(reaches_m(POSE, table=table).values()) == pytest.approx([48.0, 1.92])
    assert class_of(300.0, table=table) is DensityClass.DETECT
    assert list(densest_first()) == list(reversed(DensityClass))
    assert min(PX_PER_M.values()) == 25.0


def test_what_is_seen_in_a_denser_class_is_seen_in_the_coarser_ones() -> None:
    place = to_metres(array_of([Point(POSE.lng, POSE.lat)]), crs=UTM)[0]
    house = box(place.x + 2, place.y + 5, place.x + 6, place.y + 9)

    views = list(views_by_class(POSE, Obstacles.of([house], crs=UTM)).values())

    areas = [one.area_m2 for one in views]
    assert areas == sorted(areas, reverse=True)
    assert areas[-1] > 0
    for coarse, dense in itertools.pairwise(views):
        assert dense.polygon.difference(coarse.polygon).area < 1e-6
