import math

import geopandas
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.coords import convert
from gis.density import LEAST_SHOWN, heat, masked, shown

EXTENT = (0.0, 0.0, 5_000.0, 5_000.0)
inner = st.lists(st.tuples(st.floats(1_000, 4_000), st.floats(1_000, 4_000)), min_size=1, max_size=20)


def exact(x: np.ndarray, y: np.ndarray, *, cell_m: float, sigma_m: float) -> np.ndarray:
    """The kernel sum at the centre of every bin, event by event."""
    steps = (np.arange(round(5_000 / cell_m)) + 0.5) * cell_m
    east, north = np.meshgrid(steps, steps[::-1])
    squares = (east[..., None] - x) ** 2 + (north[..., None] - y) ** 2
    return np.exp(-squares / (2 * sigma_m**2)).sum(axis=-1) / (2 * math.pi * sigma_m**2) * 1e6


@pytest.mark.parametrize("cell_m", [20, 50, 100])
@settings(max_examples=30, deadline=None)
@given(places=inner)
def test_the_surface_is_the_exact_kernel_sum_within_the_stated_error(cell_m, places):
    x, y = np.array(places).T
    right = exact(x, y, cell_m=cell_m, sigma_m=200)
    made = heat(x, y, extent=EXTENT, cell_m=cell_m, sigma_m=200)
    assert np.abs(made - right).max() <= ((cell_m / 200) ** 2 / 5 + 0.001) * right.max()


@settings(max_examples=50, deadline=None)
@given(inner, st.floats(20, 120), st.floats(30, 175))
def test_no_event_is_lost_or_counted_twice(places, cell_m, sigma_m):
    # Kernels reach four sigma and two bins, which stays inside the extent for these places.
    x, y = np.array(places).T
    made = heat(x, y, extent=EXTENT, cell_m=cell_m, sigma_m=sigma_m)
    assert made.sum() * cell_m**2 / 1e6 == pytest.approx(len(places), rel=1e-9)
    assert made.min() >= 0


@settings(max_examples=30, deadline=None)
@given(inner, inner)
def test_two_sets_of_events_add_up(first, second):
    one, other = (heat(*np.array(part).T, extent=EXTENT, cell_m=50, sigma_m=150) for part in (first, second))
    both = heat(*np.array(first + second).T, extent=EXTENT, cell_m=50, sigma_m=150)
    assert both == pytest.approx(one + other, abs=1e-9)


def test_row_zero_is_the_north():
    made = heat([500.0], [4_500.0], extent=EXTENT, cell_m=100, sigma_m=100)
    assert np.unravel_index(made.argmax(), made.shape)[0] < 10
    assert made.shape == (50, 50)


def test_tiles_of_one_surface_fit_together():
    rng = np.random.default_rng(5)
    x, y = rng.uniform(-500, 5_500, (2, 500))
    whole = heat(x, y, extent=EXTENT, cell_m=50, sigma_m=200)
    west = heat(x, y, extent=(0, 0, 2_500, 5_000), cell_m=50, sigma_m=200)
    east = heat(x, y, extent=(2_500, 0, 5_000, 5_000), cell_m=50, sigma_m=200)
    assert np.hstack([west, east]) == pytest.approx(whole, rel=1e-9)


def test_no_events_give_a_cold_surface():
    assert heat([], [], extent=EXTENT, cell_m=100, sigma_m=200).max() == 0


@pytest.mark.parametrize(
    ("x", "extent", "cell_m", "sigma_m", "words"),
    [
        (1.0, EXTENT, 0, 200, "above 0"),
        (1.0, EXTENT, 50, math.inf, "above 0"),
        (1.0, (1, 0, 1, 5), 50, 200, "empty"),
        (math.nan, EXTENT, 50, 200, "finite"),
    ],
)
def test_sizes_and_places_that_are_no_numbers_are_refused(x, extent, cell_m, sigma_m, words):
    with pytest.raises(ValueError, match=words):
        heat([x], [1.0], extent=extent, cell_m=cell_m, sigma_m=sigma_m)


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 20)), st.integers(1, 8))
def test_nothing_below_the_least_is_shown_nor_can_be_subtracted_from_the_total(counts, least):
    seen = shown(counts, least=least)
    assert all(count is None or count >= least for count in seen.counts.values())
    assert seen.total == sum(count or 0 for count in seen.counts.values())
    assert seen.hidden == sum(count < least for count in counts.values())


def test_five_events_are_shown_and_four_are_not():
    assert LEAST_SHOWN == 5
    assert shown({"a": 5, "b": 4, "c": 0}).counts == {"a": 5, "b": None, "c": None}


def test_the_surface_is_hidden_inside_hidden_cells_and_outside_all():
    surface = np.array([[1.0, 2.0], [3.0, 4.0]])
    seen = masked(surface, np.array([[0, 1], [1, -1]]), is_shown=[True, False])
    assert np.isnan(seen).tolist() == [[False, True], [True, True]]


def test_the_memphis_robberies_are_counted_per_precinct_as_published(shared_data):
    folder = shared_data / "incidents"
    precincts = geopandas.read_file(folder / "memphis_police_precincts.geojson")
    robberies = geopandas.read_file(folder / "memphis_robberies_2019.geojson")
    counts = robberies.sjoin(precincts, predicate="within").index_right.value_counts()
    seen = shown({int(row): int(count) for row, count in counts.items()})
    assert sorted(seen.counts.values()) == [153, 189, 204, 219, 220, 273, 301, 317, 368]
    assert (seen.total, seen.hidden) == (2_244, 0)


def test_the_memphis_heat_holds_every_robbery(shared_data):
    robberies = geopandas.read_file(shared_data / "incidents" / "memphis_robberies_2019.geojson")
    x, y = convert(robberies.geometry.x, robberies.geometry.y, source="wgs84", target="EPSG:32615")
    extent = (x.min() - 2_000, y.min() - 2_000, x.max() + 2_000, y.max() + 2_000)
    made = heat(x, y, extent=extent, cell_m=100, sigma_m=300)
    assert made.sum() * 0.01 == pytest.approx(2_245, rel=1e-9)
