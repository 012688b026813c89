import csv
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.types import Level
from gis import codes
from gis.codes import Nameless, cell, cell_code, device, device_code, division, generated_codes
from gis.errors import BadCode


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        ("51", Level.PROVINCE, None),
        ("510000000000", Level.PROVINCE, None),
        ("5103", Level.CITY, "510000000000"),
        ("510311", Level.COUNTY, "510300000000"),
        ("510311001", Level.TOWN, "510311000000"),
        ("510311001002", Level.VILLAGE, "510311001000"),
        ("441900003000", Level.TOWN, "441900000000"),
        ("441900003005", Level.VILLAGE, "441900003000"),
        ("419001000000", Level.COUNTY, "419000000000"),
    ],
)
def test_a_division_code_tells_its_level_and_parent(code, level, parent):
    found = division(code)
    assert (found.level, found.parent, len(found.code)) == (level, parent, 12)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", "digits only"),
        ("51031", "5 digits"),
        ("5103110010021", "13 digits"),
        ("990000", "no province"),
        ("510311000002", "no town"),
        ("510011", "no city"),
        ("51O311", "digits only"),
        ("５１", "digits only"),
        (" 51", "digits only"),
    ],
)
def test_a_bad_division_code_is_refused_with_its_reason(code, words):
    with pytest.raises(BadCode, match=words):
        division(code)


def test_every_official_village_hangs_under_an_official_town(shared_data):
    with (shared_data / "boundaries" / "codes" / "nbs2023_villages_zigong_shaoxing.csv").open(
        encoding="utf-8-sig"
    ) as file:
        villages = [row["code"] for row in csv.DictReader(file)]
    assert len(villages) == 3_155
    assert {division(code).level for code in villages} == {Level.VILLAGE}
    assert {division(division(code).parent or "").level for code in villages} == {Level.TOWN}


@given(st.integers(1, 999))
def test_a_cell_code_comes_apart_as_it_was_put_together(sequence):
    code = cell_code("510311001002", sequence)
    assert (len(code), cell(code).village, cell(code).sequence) == (15, "510311001002", sequence)


def test_the_length_of_cell_codes_is_a_setting():
    code = cell_code("510311001002", 12345, digits=20)
    assert code == "51031100100200012345"
    assert cell(code, digits=20).sequence == 12345
    with pytest.raises(BadCode, match="have 15"):
        cell(code)


@pytest.mark.parametrize(
    ("village", "sequence", "digits", "words"),
    [
        ("510311001002", 0, 15, "does not fit"),
        ("510311001002", 1000, 15, "1 to 999"),
        ("510311001002", 1, 12, "no room"),
        ("510311001000", 1, 15, "a town"),
        ("51031100100x", 1, 15, "digits only"),
    ],
)
def test_a_cell_code_that_cannot_be_is_refused(village, sequence, digits, words):
    with pytest.raises(BadCode, match=words):
        cell_code(village, sequence, digits=digits)


def test_a_cell_numbered_zero_is_refused():
    with pytest.raises(BadCode, match="from 1"):
        cell("510311001002000")


def test_a_device_code_tells_its_parts():
    found = device("34020000001320000001")
    assert (found.centre, found.industry, found.kind_name, found.network, found.serial) == (
        "34020000", "00", "network camera", 0, 1,
    )  # fmt: skip


@given(
    st.sampled_from(["51031101", "33060400"]),
    st.integers(0, 99),
    st.sampled_from([111, 118, 131, 132, 134, 200, 216]),
    st.integers(0, 8),
    st.integers(0, 999_999),
)
def test_a_device_code_survives_taking_apart(centre, industry, kind, network, serial):
    made = device_code(centre=centre, industry=f"{industry:02d}", kind=kind, network=network, serial=serial)
    assert device(made.code) == made
    assert len(made.code) == 20


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("3402000000132000000", "19 digits"),
        ("34020000001320000001x", "digits only"),
        ("99020000001320000001", "no province"),
        ("34020000000320000001", "no device type"),
        ("34020000003010000001", "user account"),
        ("34020000001329000001", "Network 9"),
    ],
)
def test_a_bad_device_code_is_refused_with_its_reason(code, words):
    with pytest.raises(BadCode, match=words):
        device(code)


places = st.builds(
    Nameless,
    name=st.sampled_from(["", "东门", "东门 ", "西门"]) | st.text(max_size=8),
    lng=st.sampled_from([104.77, 104.770001]) | st.floats(-180, 180),
    lat=st.sampled_from([29.35, -0.0, 0.0]) | st.floats(-90, 90),
    rest=st.sampled_from(["", "90", "270"]),
)


def codes_by_row(rows: list[Nameless]) -> dict[tuple[str, str], list[str]]:
    """The codes of each name, place and rest; rows the same in all three may swap theirs."""
    found: dict[tuple[str, str], list[str]] = {}
    for row, code in zip(rows, generated_codes(rows), strict=True):
        found.setdefault((codes._identity(row), row.rest), []).append(code)
    return {key: sorted(group) for key, group in found.items()}


@given(st.lists(places, max_size=12), st.randoms())
def test_generated_codes_do_not_depend_on_the_order_of_rows(rows: list[Nameless], rng: random.Random):
    shuffled = rows.copy()
    rng.shuffle(shuffled)
    assert codes_by_row(rows) == codes_by_row(shuffled)
    assert len(set(generated_codes(rows))) == len(rows)
    assert all(codes.is_generated(code) for code in generated_codes(rows))


def test_generated_codes_stay_the_same_for_ever():
    rows = [Nameless(name="东门", lng=104.77, lat=29.35), Nameless(name="", lng=-71.1, lat=42.37)]
    assert generated_codes(rows) == ["G-NPEVNYJWVMMW", "G-K5CDWVTOQHDD"]


def test_two_cameras_on_one_pole_are_told_apart_by_the_rest_of_the_row():
    east = Nameless(name="东门", lng=104.77, lat=29.35, rest="90")
    west = Nameless(name="东门", lng=104.77, lat=29.35, rest="270")
    first, second = generated_codes([east, west])
    assert generated_codes([west, east]) == [second, first]
    assert first == f"{second}-2"


def test_a_place_is_the_same_to_a_tenth_of_a_metre():
    here = Nameless(name="东门", lng=104.77, lat=29.35)
    near = Nameless(name="东门", lng=104.77 + 1e-10, lat=29.35 - 1e-10)
    far = Nameless(name="东门", lng=104.77001, lat=29.35)
    assert generated_codes([here]) == generated_codes([near]) != generated_codes([far])


def test_a_generated_code_is_never_taken_for_an_official_one():
    code = generated_codes([Nameless(name="东门", lng=104.77, lat=29.35)])[0]
    for read in (division, cell, device):
        with pytest.raises(BadCode, match="digits only"):
            read(code)
