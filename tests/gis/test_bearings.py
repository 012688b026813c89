import math

import geopandas
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.bearings import (
    BadBearing,
    Bearing,
    Convention,
    from_compass,
    from_direction_type,
    from_east,
    read_bearing,
    read_direction,
)


@pytest.mark.parametrize(
    ("degrees", "bearing"), [(0, 0), (360, 0), (-90, 270), (450, 90), (-1e-20, 0), (359.5, 359.5), (-720, 0)]
)
def test_a_compass_angle_becomes_a_bearing_below_360(degrees, bearing):
    assert from_compass(degrees) == Bearing(bearing_deg=bearing)


@given(st.floats(-1e6, 1e6))
def test_every_angle_has_a_bearing_in_the_circle(degrees):
    assert 0 <= from_compass(degrees).bearing_deg < 360


@pytest.mark.parametrize(("degrees", "bearing"), [(0, 90), (90, 180), (180, 270), (270, 0), (300, 30)])
def test_an_angle_from_east_is_a_quarter_turn_ahead(degrees, bearing):
    assert from_east(degrees).bearing_deg == bearing


@pytest.mark.parametrize(
    ("value", "bearing"), [(1, 90), (2, 270), (3, 180), (4, 0), (5, 135), (6, 45), (7, 225), (8, 315)]
)
def test_a_direction_type_is_known_to_half_an_eighth(value, bearing):
    assert from_direction_type(value) == Bearing(bearing_deg=bearing, doubt_deg=22.5)


@pytest.mark.parametrize("value", [0, 9, -1])
def test_a_direction_type_that_is_not_in_use_is_refused(value):
    with pytest.raises(BadBearing, match="not in use"):
        from_direction_type(value)


@pytest.mark.parametrize("degrees", [math.nan, math.inf])
def test_a_bearing_that_is_no_number_is_refused(degrees):
    with pytest.raises(BadBearing, match="no number"):
        from_compass(degrees)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90", [(90, 0)]), ("90.5", [(90.5, 0)]), ("90°", [(90, 0)]), ("90 º", [(90, 0)]), ("９０度", [(90, 0)]),
        ("360", [(0, 0)]), ("-90", [(270, 0)]), ("90;270", [(90, 0), (270, 0)]), ("90, 270", [(90, 0), (270, 0)]),
        ("90;90", [(90, 0)]), ("45-135", [(90, 45)]), ("45 – 135", [(90, 45)]), ("315-45", [(0, 45)]),
        ("350°-10°", [(0, 10)]), ("N", [(0, 22.5)]), ("NNW", [(337.5, 11.25)]), ("sw", [(225, 22.5)]),
        ("N;S", [(0, 22.5), (180, 22.5)]), ("north-east", [(45, 22.5)]), ("Southwest", [(225, 22.5)]),
        ("southbound", [(180, 22.5)]), ("东北", [(45, 22.5)]), ("正南", [(180, 22.5)]), ("西南方向", [(225, 22.5)]),
        ("朝东", [(90, 22.5)]), ("0-90;180", [(45, 45), (180, 0)]),
    ],
)  # fmt: skip
def test_a_direction_that_can_be_read_is_read(text, expected):
    found = read_direction(text)
    assert [(part.bearing_deg, part.doubt_deg) for part in found.bearings] == expected
    assert not found.unread
    assert not found.all_round


@pytest.mark.parametrize("text", ["0-360", "0 - 360", "0-359", "0°-360°", "全景"])
def test_a_full_circle_is_all_round_and_no_bearing(text):
    found = read_direction(text)
    assert (found.all_round, found.bearings, found.unread) == (True, (), ())


@pytest.mark.parametrize(
    "text", ["both", "forward", "?", "900", "90180", "11:00", "NO", "street", "45-90-180", "1e3", "nan"]
)
def test_a_direction_that_cannot_be_read_is_reported(text):
    found = read_direction(text)
    assert found.unread == (text.lower(),)
    assert not found.is_read


def test_what_can_be_read_of_a_direction_is_kept_beside_what_cannot():
    found = read_direction("90;both;?")
    assert [part.bearing_deg for part in found.bearings] == [90]
    assert found.unread == ("both", "?")


@given(st.text(max_size=30))
def test_any_text_is_read_without_an_error(text):
    for part in read_direction(text).bearings:
        assert 0 <= part.bearing_deg < 360
        assert 0 <= part.doubt_deg < 180


@given(st.integers(0, 359), st.integers(0, 355))
def test_a_range_is_its_middle_give_or_take_half_its_width(start, width):
    found = read_direction(f"{start}-{(start + width) % 360}").bearings[0]
    turn = (found.bearing_deg - start) % 360
    assert turn == pytest.approx(width / 2, abs=1e-9)
    assert found.doubt_deg == width / 2


@pytest.mark.parametrize(
    ("text", "convention", "expected", "unread"),
    [
        ("90", "compass", [(90, 0)], ()),
        ("90°", "east", [(180, 0)], ()),
        ("1", "direction_type", [(90, 22.5)], ()),
        ("8.0", "direction_type", [(315, 22.5)], ()),
        ("9", "direction_type", [], ("9",)),
        ("1.5", "direction_type", [], ("1.5",)),
        ("NNW", "osm", [(337.5, 11.25)], ()),
        ("NNW", "compass", [], ("NNW",)),
        ("900", "compass", [], ("900",)),
        (" ", "east", [], ()),
    ],
)
def test_a_cell_is_read_under_its_convention(text, convention, expected, unread):
    found = read_bearing(text, convention=Convention(convention))
    assert [(part.bearing_deg, part.doubt_deg) for part in found.bearings] == expected
    assert found.unread == unread


def directions(frame: pandas.DataFrame) -> "pandas.Series[str]":
    return frame.camera_direction.fillna(frame.direction).dropna()


def test_every_direction_of_the_cambridge_cameras_is_read(shared_data):
    cameras = geopandas.read_parquet(shared_data / "cameras" / "osm_cameras_cambridge_boston_ma.parquet")
    grid = geopandas.read_file(shared_data / "boundaries" / "cambridge_ma" / "police_response_districts.geojson")
    inside = cameras[cameras.within(grid.union_all())]
    read = [read_direction(text) for text in directions(inside)]
    assert (len(inside), sum(direction.is_read for direction in read)) == (1_355, 372)


def test_the_worlds_directions_agree_with_their_published_azimuths(shared_data):
    world = pandas.read_parquet(shared_data / "cameras" / "osm_surveillance_world_2025-11.parquet")
    frame = world.assign(text=world.camera_direction.fillna(world.direction)).dropna(subset=["text", "azimuth_deg"])
    read = [read_direction(text) for text in frame.text]
    pairs = [(d.bearings[0].bearing_deg, a) for d, a in zip(read, frame.azimuth_deg, strict=True) if d.bearings]
    apart = [abs((bearing - azimuth + 180) % 360 - 180) for bearing, azimuth in pairs]
    assert len(pairs) > 98_000
    # The five that differ begin with a number above 360, which the published figure wrapped and we report.
    assert sum(distance > 1 for distance in apart) == 5
