import math

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis import coords
from gis.coords import convert, county_crs, crs_named, unusable
from gis.errors import BadCoordinate, BadCrs

METRES_A_DEGREE = 111_320.0
MICROMETRE_DEG = 1e-6 / METRES_A_DEGREE

in_china = st.tuples(st.floats(73.5, 135.0), st.floats(3.5, 53.5))
on_earth = st.tuples(st.floats(-179.9, 179.9), st.floats(-85, 85))
# The strip along the border where a shifted and an unshifted place share a coordinate has no unique inverse.
off_the_border = on_earth.filter(
    lambda p: min(abs(p[0] - 72.004), abs(p[0] - 137.8347), abs(p[1] - 0.8293), abs(p[1] - 55.8271)) > 0.1
)


def textbook_gcj02(lng: float, lat: float) -> tuple[float, float]:
    """The formula as it is commonly printed, term by term."""
    x, y, pi, sin = lng - 105.0, lat - 35.0, math.pi, math.sin
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    a, ee, latitude = 6378245.0, 0.00669342162296594323, math.radians(lat)
    magic = 1 - ee * sin(latitude) ** 2
    north_deg = north * 180 / ((a * (1 - ee)) / (magic * math.sqrt(magic)) * pi)
    return lng + east * 180 / (a / math.sqrt(magic) * math.cos(latitude) * pi), lat + north_deg


def textbook_bd09(x: float, y: float) -> tuple[float, float]:
    k = math.pi * 3000 / 180
    z = math.sqrt(x * x + y * y) + 0.00002 * math.sin(y * k)
    theta = math.atan2(y, x) + 0.000003 * math.cos(x * k)
    return z * math.cos(theta) + 0.0065, z * math.sin(theta) + 0.006


@given(in_china)
def test_gcj02_is_the_printed_formula(place):
    assert convert(*place, source="wgs84", target="gcj02") == pytest.approx(textbook_gcj02(*place), abs=1e-12)


@given(on_earth)
def test_bd09_is_the_printed_formula(place):
    assert convert(*place, source="gcj02", target="bd09") == pytest.approx(textbook_bd09(*place), abs=1e-12)


@pytest.mark.parametrize(
    ("source", "place", "target", "expected"),
    [
        ("wgs84", (116.404, 39.915), "gcj02", (116.41024449916938, 39.91640428150164)),
        ("gcj02", (116.404, 39.915), "bd09", (116.41036949371029, 39.92133699351022)),
        ("wgs84", (116.404, 39.915), "bd09", (116.41662724378733, 39.922699552216216)),
        ("cgcs2000", (104.77, 29.35), "wgs84", (104.77, 29.35)),
        ("wgs84", (-71.1, 42.37), "gcj02", (-71.1, 42.37)),
        ("EPSG:4549", (500000.0, 0.0), "wgs84", (120.0, 0.0)),
        ("epsg:3857", (111319.490793, 0.0), "wgs84", (1.0, 0.0)),
    ],
)
def test_known_places_convert_to_known_values(source, place, target, expected):
    assert convert(*place, source=source, target=target) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("middle", ["gcj02", "bd09"])
@given(place=in_china)
def test_a_round_trip_returns_within_a_micrometre(middle, place):
    there = convert(*place, source="wgs84", target=middle)
    assert convert(*there, source=middle, target="wgs84") == pytest.approx(place, abs=MICROMETRE_DEG)


@pytest.mark.parametrize(("source", "middle"), [("gcj02", "wgs84"), ("bd09", "wgs84"), ("bd09", "gcj02")])
@given(place=off_the_border)
def test_a_round_trip_from_a_shifted_system_returns_too(source, middle, place):
    there = convert(*place, source=source, target=middle)
    assert convert(*there, source=middle, target=source) == pytest.approx(place, abs=MICROMETRE_DEG)


@given(st.floats(-1e-4, 1e-4), st.floats(20, 40))
def test_the_kink_of_the_formula_at_105_east_keeps_the_law(offset, lat):
    there = convert(105 + offset, lat, source="wgs84", target="gcj02")
    assert convert(*there, source="gcj02", target="wgs84") == pytest.approx((105 + offset, lat), abs=MICROMETRE_DEG)


@given(st.sampled_from([72.004, 137.8347]), st.floats(1e-10, 0.02), st.floats(1, 55))
def test_a_place_just_inside_the_border_comes_back(edge, depth, lat):
    lng = edge + depth if edge < 100 else edge - depth
    there = convert(lng, lat, source="wgs84", target="gcj02")
    assert convert(*there, source="gcj02", target="wgs84") == pytest.approx((lng, lat), abs=MICROMETRE_DEG)


def test_a_million_places_return_within_a_micrometre():
    rng = np.random.default_rng(7)
    lng, lat = rng.uniform(73, 135, 1_000_000), rng.uniform(18, 53, 1_000_000)
    x, y = lng, lat
    for source, target in [("wgs84", "gcj02"), ("gcj02", "bd09"), ("bd09", "gcj02"), ("gcj02", "wgs84")]:
        x, y = convert(x, y, source=source, target=target)
    assert max(np.abs(x - lng).max(), np.abs(y - lat).max()) < MICROMETRE_DEG


def test_arrays_keep_their_shape_and_floats_stay_floats():
    lng, lat = convert(np.full((2, 3), 116.0), np.full((2, 3), 39.0), source="wgs84", target="bd09")
    assert lng.shape == lat.shape == (2, 3)
    assert all(type(part) is float for part in convert(116.0, 39.0, source="wgs84", target="wgs84"))
    assert convert([], [], source="wgs84", target="gcj02")[0].size == 0


def test_the_input_arrays_are_never_changed_or_shared():
    lng, lat = np.array([116.0]), np.array([39.0])
    out, _ = convert(lng, lat, source="wgs84", target="cgcs2000")
    out[0] = 0
    assert lng[0] == 116.0


def test_the_offset_over_china_has_the_measured_size():
    rng = np.random.default_rng(3)
    lng, lat = rng.uniform(73.5, 135, 20_000), rng.uniform(18, 53, 20_000)
    x, y = convert(lng, lat, source="wgs84", target="gcj02")
    metres = np.hypot((x - lng) * np.cos(np.radians(lat)), y - lat) * METRES_A_DEGREE
    assert 10 < metres.min() < metres.mean() < metres.max() < 1_000


def test_a_polygon_border_keeps_a_neighbour_unshifted():
    border = coords.polygon_border(shapely.box(100, 20, 120, 40))
    assert convert(125.0, 37.0, source="wgs84", target="gcj02", border=border) == (125.0, 37.0)
    assert convert(125.0, 37.0, source="wgs84", target="gcj02") != (125.0, 37.0)
    inside = convert(110.0, 30.0, source="wgs84", target="gcj02", border=border)
    assert inside == convert(110.0, 30.0, source="wgs84", target="gcj02")
    assert convert(*inside, source="gcj02", target="wgs84", border=border) == pytest.approx((110.0, 30.0), abs=1e-11)


@pytest.mark.parametrize(
    ("lng", "lat", "source", "words"),
    [
        (math.nan, 30.0, "wgs84", "finite"),
        (110.0, math.inf, "gcj02", "finite"),
        (39.9, 116.4, "wgs84", "swapped"),
        (500000.0, 3200000.0, "wgs84", "metres"),
        (181.0, 0.0, "bd09", "outside"),
        (1e12, 1e12, "epsg:4549", "epsg:4549"),
        (math.inf, 0.0, "epsg:4549", "finite"),
    ],
)
def test_a_coordinate_that_is_no_place_is_refused_in_a_sentence(lng, lat, source, words):
    with pytest.raises(BadCoordinate, match=words):
        convert(lng, lat, source=source, target="wgs84")


def test_the_refusal_names_the_row_of_an_array():
    with pytest.raises(BadCoordinate, match="Place 2 of 3"):
        convert([1.0, math.nan, 2.0], [1.0, 1.0, 1.0], source="wgs84", target="gcj02")


def test_unusable_marks_exactly_what_convert_refuses():
    assert unusable([116.0, 200.0, math.nan], [39.0, 0.0, 0.0], source="wgs84").tolist() == [False, True, True]
    assert unusable([500000.0, 1e12], [3e6, 1e12], source="EPSG:4549").tolist() == [False, True]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("WGS-84", "wgs84"), ("wgs84", "wgs84"), ("CGCS 2000", "cgcs2000"), ("GCJ-02", "gcj02"), ("bd-09", "bd09"),
        ("EPSG:4326", "epsg:4326"), ("epsg:4549", "epsg:4549"), ("urn:ogc:def:crs:EPSG::4490", "epsg:4490"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "wgs84"), ("OGC:CRS84", "wgs84"), ("火星坐标", "gcj02"),
    ],
)  # fmt: skip
def test_a_crs_is_known_by_its_usual_spellings(name, expected):
    assert crs_named(name) == expected


@pytest.mark.parametrize("name", ["", "wgs", "EPSG:", "EPSG:999999", "EPSG:5773", "beijing54", "4326; DROP"])
def test_an_unknown_crs_is_refused(name):
    with pytest.raises(BadCrs):
        crs_named(name)


@pytest.mark.parametrize(
    ("lng", "lat", "number"),
    [
        (104.77, 29.35, 4544), (120.8, 30.0, 4549), (73.6, 40.0, 4534), (136.4, 45.0, 4554), (118.5, 30.0, 4549),
        (118.4999, 30.0, 4548), (9.5, 47.1, 32632), (-71.1, 42.3, 32619), (151.0, -33.0, 32756), (180.0, 1.0, 32601),
        (-180.0, 1.0, 32601), (72.5, 40.0, 32643),
    ],
)  # fmt: skip
def test_a_county_measures_in_its_own_zone(lng, lat, number):
    assert county_crs(lng, lat).to_epsg() == number


@given(in_china)
def test_the_county_zone_is_centred_within_its_half_width(place):
    east, _ = convert(*place, source="wgs84", target=f"EPSG:{county_crs(*place).to_epsg()}")
    assert abs(east - 500_000) < 1.5 * METRES_A_DEGREE + 1_000


def test_a_projected_county_counts_as_one_metre_per_metre(shared_data):
    counties = geopandas.read_file(shared_data / "boundaries" / "zigong_shaoxing_counties_tianditu_cgcs2000.geojson")
    assert counties.crs.to_epsg() == 4490
    county = counties[counties.adcode == "510311"].geometry.iloc[0]
    metres = geopandas.GeoSeries([county], crs=4490).to_crs(county_crs(*county.centroid.coords[0]))
    assert metres.area.iloc[0] / 1e6 == pytest.approx(county.area * (METRES_A_DEGREE / 1e3) ** 2 * 0.872, rel=0.01)


def test_an_outline_shifted_to_gcj02_fits_its_cgcs2000_self_better_after_conversion(shared_data):
    counties = geopandas.read_file(shared_data / "boundaries" / "zigong_shaoxing_counties_tianditu_cgcs2000.geojson")
    for outline in counties.geometry:
        points = shapely.get_coordinates(outline)
        shifted = [textbook_gcj02(*point) for point in points]
        back = np.column_stack(convert(*np.transpose(shifted), source="gcj02", target="cgcs2000"))
        assert np.abs(back - points).max() < MICROMETRE_DEG < np.abs(np.array(shifted) - points).max()
