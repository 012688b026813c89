"""What the wall is told: points with expiry applied, what is wrong in few lines, numbers with their denominators."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import db, wall
from tests.data.test_tiles import area

NOW = datetime.now(UTC)


@pytest.fixture
def county(session: Session) -> dict[str, int]:
    """Make a town with a village of seven cameras, a town beside it with one, and an account of the first."""
    first, second = area(session, "wall-a", "town", 104.60), area(session, "wall-b", "town", 104.64)
    village = area(session, "wall-a1", "village", 104.60, first)
    cell = area(session, "wall-a11", "cell", 104.60, village)
    session.execute(text("SELECT refresh_paths()"))
    made = {"first": first, "second": second, "cell": cell}
    for n in range(7):
        made[f"c{n}"] = camera(session, f"wall-{n}", cell, 104.61 + n / 1000)
    made["other"] = camera(session, "wall-other", second, 104.65)
    made["account"] = session.execute(
        text("INSERT INTO accounts (login, password_hash, roles) VALUES ('wall', 'x', '{operator}') RETURNING id")
    ).scalar_one()
    session.execute(
        text("INSERT INTO account_grants (account_id, area_id) VALUES (:account, :area)"),
        {"account": made["account"], "area": first},
    )
    return made


def camera(session: Session, code: str, area_id: int, lng: float) -> int:
    return int(
        session.execute(
            text(
                "INSERT INTO cameras (code, name, area_id, path, geom, bearing_deg, rtsp_url)"
                " SELECT :code, '名' || :code, id, path, ST_SetSRID(ST_MakePoint(:lng, 29.18), 4326), 90,"
                " 'rtsp://127.0.0.1/' || :code"
                " FROM areas WHERE id = :area RETURNING id"
            ),
            {"code": code, "area": area_id, "lng": lng},
        ).scalar_one()
    )


def say(
    session: Session, camera_id: int, health: str, *, fault: str | None = None, valid_s: float = 60, ago_s: float = 60
) -> None:
    session.execute(
        text(
            "UPDATE camera_state SET health = :health, fault = :fault, checked_at = now(), since = now() - :ago,"
            " valid_until = now() + :valid WHERE camera_id = :camera"
        ),
        {
            "camera": camera_id,
            "health": health,
            "fault": fault,
            "valid": timedelta(seconds=valid_s),
            "ago": timedelta(seconds=ago_s),
        },
    )


def by_id(columns: str) -> Mapping[int, dict[str, Any]]:
    read = json.loads(columns)
    rows = zip(*read.values(), strict=True)
    return {row[0]: dict(zip(read, row, strict=True)) for row in rows}


def test_points_are_columns_of_whole_numbers_inside_the_scope(session: Session, county: dict[str, int]) -> None:
    db.act_for(session, county["account"])
    points = by_id(wall.points(session))
    assert set(points) == {county[f"c{n}"] for n in range(7)}
    assert points[county["c0"]] == {
        "id": county["c0"], "lng": 104_610_000, "lat": 29_180_000, "bearing": 90, "kind": 0,
        "town": county["first"],
    }  # fmt: skip


def test_the_stamp_of_points_changes_with_a_record_but_not_with_health(
    session: Session, county: dict[str, int]
) -> None:
    before = wall.points_stamp(session)
    say(session, county["c0"], "degraded", fault="covered")
    assert wall.points_stamp(session) == before
    session.execute(text("UPDATE cameras SET bearing_deg = 10 WHERE id = :id"), {"id": county["c0"]})
    assert wall.points_stamp(session) != before


def test_no_points_are_empty_columns(session: Session) -> None:
    assert by_id(wall.points(session)) == {}
    assert by_id(wall.health(session)) == {}


def test_an_expired_word_is_unknown_and_repair_is_maintenance(session: Session, county: dict[str, int]) -> None:
    say(session, county["c0"], "online")
    say(session, county["c1"], "online", valid_s=-1)
    session.execute(text("UPDATE cameras SET record_state = 'repair' WHERE id = :id"), {"id": county["c2"]})
    session.execute(text("UPDATE cameras SET record_state = 'dismantled' WHERE id = :id"), {"id": county["c3"]})
    db.act_for(session, county["account"])
    health = {number: row["health"] for number, row in by_id(wall.health(session)).items()}
    assert (health[county["c0"]], health[county["c1"]], health[county["c2"]]) == (0, 3, 4)
    assert county["c3"] not in health


def test_devices_lost_together_are_one_line_above_the_others(session: Session, county: dict[str, int]) -> None:
    for n in range(5):
        say(session, county[f"c{n}"], "offline", fault="no_route", ago_s=300)
    say(session, county["c5"], "offline", fault="timeout")
    say(session, county["c6"], "online")
    db.act_for(session, county["account"])
    lines = wall.wrong_now(session)
    assert [(line["devices"], line["fault"]) for line in lines] == [(5, "no_route"), (1, "timeout")]
    assert lines[0]["area"] == "镇wall-a1"
    assert (lines[0]["lines"], lines[0]["all_devices"]) == (2, 6)


def test_the_worst_comes_first_and_silence_is_wrong_too(session: Session, county: dict[str, int]) -> None:
    say(session, county["c0"], "online", valid_s=-30)
    say(session, county["c1"], "degraded", fault="blurred")
    say(session, county["c2"], "offline", fault="timeout")
    for n in range(3, 7):
        say(session, county[f"c{n}"], "online")
    db.act_for(session, county["account"])
    lines = wall.wrong_now(session)
    assert [(line["health"], line["fault"]) for line in lines] == [
        ("offline", "timeout"),
        ("degraded", "blurred"),
        ("unknown", None),
    ]
    assert (datetime.now(UTC) - lines[2]["since"]).total_seconds() < 60


def test_a_camera_that_cannot_be_looked_at_yet_is_unknown_but_not_wrong(
    session: Session, county: dict[str, int]
) -> None:
    session.execute(text("UPDATE cameras SET rtsp_url = NULL WHERE id = :id"), {"id": county["c0"]})
    session.execute(
        text("UPDATE camera_state SET since = now() - interval '1 hour' WHERE camera_id = :id"), {"id": county["c0"]}
    )
    db.act_for(session, county["account"])
    assert wall.wrong_now(session) == []
    assert by_id(wall.health(session))[county["c0"]]["health"] == 3


def test_a_camera_nobody_came_to_look_at_is_wrong_after_a_while(session: Session, county: dict[str, int]) -> None:
    session.execute(
        text("UPDATE camera_state SET since = now() - interval '1 hour' WHERE camera_id = :id"), {"id": county["c0"]}
    )
    db.act_for(session, county["account"])
    (line,) = wall.wrong_now(session)
    assert line["health"] == "unknown"


def test_numbers_leave_the_unchecked_out_but_say_how_many(session: Session, county: dict[str, int]) -> None:
    say(session, county["c0"], "online")
    say(session, county["c1"], "degraded", fault="blurred")
    say(session, county["c2"], "offline", fault="timeout")
    session.execute(text("UPDATE cameras SET record_state = 'repair' WHERE id = :id"), {"id": county["c3"]})
    db.act_for(session, county["account"])
    found = wall.numbers(session, midnight=NOW - timedelta(hours=1))
    counts = {name: found[name] for name in ("online", "degraded", "offline", "unknown", "maintenance", "in_use")}
    assert counts == {"online": 1, "degraded": 1, "offline": 1, "unknown": 3, "maintenance": 1, "in_use": 6}
    assert (found["cells"], found["vacant"]) == (1, 1)
    assert (found["open_m2"], found["acknowledge_s"]) == (None, None)


def test_towns_count_their_own(session: Session, county: dict[str, int]) -> None:
    say(session, county["c0"], "offline", fault="timeout")
    db.act_for(session, county["account"])
    (town,) = wall.towns(session)
    assert (town["id"], town["in_use"], town["offline"], town["unknown"]) == (county["first"], 7, 1, 6)


def test_a_camera_of_another_town_is_not_there(session: Session, county: dict[str, int]) -> None:
    db.act_for(session, county["account"])
    assert wall.camera_now(session, county["other"]) is None
    found = wall.camera_now(session, county["c0"])
    assert found is not None
    assert found["crumbs"] == ["镇wall-a", "镇wall-a1", "镇wall-a11"]


def test_an_open_stretch_ends_with_its_last_word(session: Session, county: dict[str, int]) -> None:
    say(session, county["c0"], "online", valid_s=-600)
    session.execute(
        text(
            "INSERT INTO health_intervals (camera_id, path, health, during)"
            " SELECT id, path, 'online', tstzrange(now() - interval '30 hours', NULL) FROM cameras WHERE id = :id"
        ),
        {"id": county["c0"]},
    )
    db.act_for(session, county["account"])
    until = datetime.now(UTC)
    (stretch,) = wall.stretches(session, county["c0"], until=until, lasting=timedelta(hours=24))
    assert stretch["since"] == until - timedelta(hours=24)
    assert timedelta(minutes=9) < until - stretch["until"] < timedelta(minutes=11)


@pytest.mark.parametrize("words", ["wall-3", "名wall-3"])
def test_search_finds_by_code_and_name_inside_the_scope(session: Session, county: dict[str, int], words: str) -> None:
    db.act_for(session, county["account"])
    assert [row["id"] for row in wall.search(session, words)] == [county["c3"]]
    assert wall.search(session, "wall-other") == []


def test_search_takes_signs_of_patterns_as_they_are(session: Session, county: dict[str, int]) -> None:
    db.act_for(session, county["account"])
    assert wall.search(session, "%") == []
    assert wall.search(session, "_") == []
