"""Cells of files become values by the rule of their field, and every refusal is a sentence."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import persons
from data.records import RECORDS, BadValue, Field, Shape, in_words, read
from data.tables import Base

CAMERA = RECORDS["cameras"].by_name
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("name", "cell", "value"),
    [
        ("record_state", "在用", "in_use"),
        ("record_state", "", "in_use"),
        ("monitor_class", "一类", 1),
        ("monitor_class", "9", 9),
        ("ptz_type", "球机", 1),
        ("indoor", "室外", False),
        ("indoor", "是", True),
        ("height_m", "6.5 m", 6.5),
        ("height_m", "6米", 6.0),
        ("recorder_channel", "3", 3),
        ("install_date", "2024年5月1日", date(2024, 5, 1)),
        ("install_date", "2024/5/1", date(2024, 5, 1)),
        ("install_date", "20240501", date(2024, 5, 1)),
        ("rtsp_url", "rtsp://10.1.2.3:554/live", "rtsp://10.1.2.3:554/live"),
        ("managing_duty_line", "0813-3901110", "0813-3901110"),
        ("hfov_deg", float("nan"), None),
    ],
)
def test_a_cell_is_read_by_the_rule_of_its_field(name: str, cell: object, value: object) -> None:
    assert read(cell, CAMERA[name]) == value


@pytest.mark.parametrize(
    ("name", "cell", "hint"),
    [
        ("record_state", "坏了", "none of the allowed"),
        ("height_m", "-1", "out of range"),
        ("height_m", "tall", "not a number"),
        ("recorder_channel", "1.5", "whole number"),
        ("install_date", "last year", "Write it as 2025-04-01"),
        ("install_date", "2024-13-01", "Write it as 2025-04-01"),
        ("rtsp_url", "http://10.1.2.3/", "rtsp://"),
        ("rtsp_url", "rtsp://admin:x@10.1.2.3/", "login"),
        ("rtsp_url", "rtsp://10.1.2.3:99999999/", "not usable"),
        ("managing_duty_line", "13800138000", "landline"),
        ("address", "张家门口，电话13800138000", "persons"),
        ("name", "王某 11010519491231002X", "persons"),
        ("code", "a b", "cannot be used"),
        ("indoor", "maybe", "neither yes nor no"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(name: str, cell: object, hint: str) -> None:
    with pytest.raises(BadValue, match=hint) as refused:
        read(cell, CAMERA[name])
    # A refusal never repeats the number of a person.
    assert "13800138000" not in str(refused.value)


def test_a_time_without_a_zone_is_one_of_the_zone_given() -> None:
    at = RECORDS["incidents"].by_name["at"]
    assert read("2019-01-01 08:30", at, zone=SHANGHAI) == datetime(2019, 1, 1, 0, 30, tzinfo=UTC)
    assert read("2019-01-01T08:30:00+00:00", at, zone=SHANGHAI) == datetime(2019, 1, 1, 8, 30, tzinfo=UTC)
    assert read("2019/1/1 8:30:05", at, zone=SHANGHAI) == datetime(2019, 1, 1, 0, 30, 5, tzinfo=UTC)


@given(st.data())
def test_what_files_are_given_in_words_is_read_back_the_same(data: st.DataObject) -> None:
    field = data.draw(st.sampled_from([one for one in CAMERA.values() if one.choices and one.shape is Shape.CHOICE]))
    value = data.draw(st.sampled_from([choice.value for choice in field.choices]))
    assert read(in_words(value, field), field) == value


@pytest.mark.parametrize("kind", list(RECORDS))
def test_every_column_of_a_record_is_a_column_of_its_table(kind: str) -> None:
    record = RECORDS[kind]
    columns = set(Base.metadata.tables[record.table].columns.keys())
    kept = {name for name in record.columns() if kind != "areas" or name in ("code", "level")}
    assert kept <= columns


@pytest.mark.parametrize("kind", list(RECORDS))
def test_no_field_of_a_record_tells_of_a_person(kind: str) -> None:
    headers = [header for field in RECORDS[kind].fields for header in (field.name, *field.zh, *field.en)]
    assert [header for header in headers if persons.forbidden_column(header)] == []


@pytest.mark.parametrize("kind", list(RECORDS))
def test_no_header_stands_for_two_fields(kind: str) -> None:
    seen: dict[str, Field] = {}
    for field in RECORDS[kind].fields:
        for header in field.zh:
            assert header not in seen, (header, field.name, seen[header].name)
            seen[header] = field


def test_a_password_is_neither_a_column_nor_exported() -> None:
    password = CAMERA["password"]
    assert not password.column
    assert not password.exported
    assert not password.is_editable
