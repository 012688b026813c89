"""How found devices stand to the record: cases by hand, and laws over whole sweeps."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.types import Standing
from video.discovery import Found
from video.standing import Recorded, compare, every_name, gone, known_by, trusted

MAC, OTHER = "3C:EF:8C:01:02:03", "3C:EF:8C:01:02:04"
CODE = "51031100001320000001"
GATE = Recorded(camera_id=1, code=CODE, hosts=frozenset({"10.0.0.1"}), mac=MAC, serial="DS-1234", model="A")
BARE = Recorded(camera_id=2, hosts=frozenset({"10.0.0.2"}))
MODEL_ONLY = Recorded(camera_id=3, hosts=frozenset({"10.0.0.3"}), model="A")


def at(ip: str, **more: object) -> Found:
    return Found(ip=ip, rtsp_port=554, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "standing", "camera_id"),
    [
        (at("10.0.0.1", mac=MAC), Standing.KNOWN, 1),
        (at("10.0.0.1"), Standing.KNOWN, 1),
        (at("10.0.0.1", mac=OTHER), Standing.CHANGED, 1),
        (at("10.0.0.1", serial="DS-9999"), Standing.CHANGED, 1),
        (at("10.0.0.1", serial="ds-1234", model="B"), Standing.KNOWN, 1),
        (at("10.0.0.7", mac=MAC), Standing.MOVED, 1),
        (at("10.0.0.7", serial="DS-1234"), Standing.MOVED, 1),
        (at("10.0.0.7", said_name=CODE), Standing.MOVED, 1),
        (at("10.0.0.2", mac=MAC), Standing.MOVED, 1),
        (at("10.0.0.2", mac=OTHER), Standing.KNOWN, 2),
        (at("10.0.0.3", model="a"), Standing.KNOWN, 3),
        (at("10.0.0.3", model="B"), Standing.CHANGED, 3),
        (at("10.0.0.9", mac=OTHER), Standing.NEW, None),
        (at("10.0.0.9", serial="0000"), Standing.NEW, None),
        (at("10.0.0.1", mac=MAC, is_outside=True), Standing.OUTSIDE, None),
    ],
)
def test_a_device_stands_to_the_record_by_its_hardware_first(
    found: Found, standing: Standing, camera_id: int | None
) -> None:
    [finding] = compare([found], [GATE, BARE, MODEL_ONLY])
    assert (finding.standing, finding.camera_id) == (standing, camera_id)


def test_a_moved_device_names_where_it_was() -> None:
    [finding] = compare([at("10.0.0.7", mac=MAC)], [GATE])
    assert finding.moved_from == "10.0.0.1"


def test_a_changed_device_says_what_the_record_says_and_what_it_says() -> None:
    [finding] = compare([at("10.0.0.1", mac=OTHER, model="A", firmware="2")], [GATE])
    assert finding.changes == {"mac": (MAC, OTHER)}


def test_two_cameras_that_swapped_places_have_both_moved() -> None:
    two = Recorded(camera_id=2, hosts=frozenset({"10.0.0.2"}), mac=OTHER)
    findings = compare([at("10.0.0.1", mac=OTHER), at("10.0.0.2", mac=MAC)], [GATE, two])
    assert [(one.standing, one.camera_id) for one in findings] == [(Standing.MOVED, 2), (Standing.MOVED, 1)]


def test_a_serial_number_of_a_whole_batch_identifies_nobody() -> None:
    batch = [at("10.0.0.1", serial="DS-1234"), at("10.0.0.8", serial="DS-1234")]
    assert [one.standing for one in compare(batch, [GATE])] == [Standing.KNOWN, Standing.NEW]
    assert [known_by(one) for one in trusted(batch)] == ["ip:10.0.0.1", "ip:10.0.0.8"]


def test_what_was_swept_and_does_not_answer_is_gone_unless_it_moved() -> None:
    swept = ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
    assert gone([], [GATE, BARE], swept) == [GATE, BARE]
    assert gone([at("10.0.0.2")], [GATE, BARE], swept) == [GATE]
    assert gone([at("10.0.0.9", mac=MAC)], [GATE], swept) == []
    assert gone([], [GATE], ["10.0.0.9"]) == []


def test_the_tries_of_a_device_are_kept_by_every_name_it_has() -> None:
    names = every_name(at("10.0.0.1", mac=MAC, serial="DS-1234", uuid="URN:1"))
    assert names == ["ip:10.0.0.1", f"mac:{MAC}", "serial:ds-1234", "uuid:urn:1"]


FOUND = st.builds(
    at,
    st.sampled_from([f"10.0.0.{n}" for n in range(1, 6)]),
    mac=st.sampled_from([None, MAC, OTHER]),
    serial=st.sampled_from([None, "DS-1234", "DS-9999"]),
    model=st.sampled_from([None, "A", "B"]),
)


@given(st.lists(FOUND, max_size=5, unique_by=lambda one: one.ip))
def test_every_device_gets_one_standing_and_the_record_does_not_depend_on_the_order(found: list[Found]) -> None:
    record = [GATE, BARE, MODEL_ONLY]
    findings = compare(found, record)
    assert [one.found.ip for one in findings] == [one.ip for one in found]
    turned = {one.found.ip: one for one in compare(found[::-1], record)}
    assert all(turned[one.found.ip] == one for one in findings)
    assert all((one.camera_id is None) == (one.standing is Standing.NEW) for one in findings)


@given(st.lists(FOUND, max_size=5, unique_by=lambda one: one.ip))
def test_a_camera_is_never_both_found_and_gone(found: list[Found]) -> None:
    record = [GATE, BARE, MODEL_ONLY]
    lost = {one.camera_id for one in gone(trusted(found), record, ["10.0.0.1", "10.0.0.2", "10.0.0.3"])}
    there = {one.camera_id for one in compare(found, record) if one.standing in {Standing.KNOWN, Standing.MOVED}}
    assert not lost & there


def test_a_finding_is_about_the_device_that_was_found() -> None:
    found = at("10.0.0.1", mac=MAC)
    assert compare([found], [GATE])[0].found == replace(found)
