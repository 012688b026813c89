from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import db, maintenance, wall
from data.errors import Refusal
from data.maintenance import Place, Turns
from tests.data.test_tiles import area

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(day: int, hour: int, *, month: int = 1, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=zone)


@pytest.fixture
def county(session: Session) -> dict[str, int]:
    """Make a county of two towns with a camera each, and an account of the first town."""
    made = {"county": area(session, "mw", "county", 104.6)}
    for n, town in enumerate(("first", "second")):
        made[town] = area(session, f"mw-{n}", "town", 104.6 + n / 10, made["county"])
    session.execute(text("SELECT refresh_paths()"))
    for town in ("first", "second"):
        made[f"{town}-camera"] = session.execute(
            text(
                "INSERT INTO cameras (code, name, area_id, path, geom, rtsp_url) SELECT 'mw-' || id, '村口', id, path,"
                " ST_SetSRID(ST_MakePoint(104.6, 29.2), 4326), 'rtsp://127.0.0.1/' FROM areas WHERE id = :id"
                " RETURNING id"
            ),
            {"id": made[town]},
        ).scalar_one()
    made["account"] = session.execute(
        text("INSERT INTO accounts (login, password_hash, roles) VALUES ('mw', 'x', '{editor}') RETURNING id")
    ).scalar_one()
    session.execute(
        text("INSERT INTO account_grants (account_id, area_id) VALUES (:account, :area)"),
        {"account": made["account"], "area": made["first"]},
    )
    return made


def window(session: Session, kind: str, number: int, starts: datetime, ends: datetime, **turns: object) -> int:
    table = {"camera": "cameras", "area": "areas", "link": "links"}[kind]
    path = session.execute(text(f"SELECT path::text FROM {table} WHERE id = :id"), {"id": number}).scalar_one()
    given = {"timezone": "Asia/Shanghai"} | turns
    return maintenance.add(
        session,
        Place(kind=kind, id=number, path=path, name="x"),
        Turns(starts_at=starts, ends_at=ends, **given),  # type: ignore[arg-type]
        reason="",
        account_id=None,
    )


def turns(session: Session, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    rows = session.execute(
        text("SELECT lower(during), upper(during) FROM maintenance_turns(:since, :until) ORDER BY during"),
        {"since": since, "until": until},
    )
    return [(row[0], row[1]) for row in rows]


def test_a_window_that_happens_once_is_cut_to_what_is_asked(session: Session, county: dict[str, int]) -> None:
    window(session, "camera", county["first-camera"], local(5, 8), local(5, 12))
    assert turns(session, local(1, 0), local(9, 0)) == [(local(5, 8), local(5, 12))]
    assert turns(session, local(5, 9), local(5, 10)) == [(local(5, 9), local(5, 10))]
    assert turns(session, local(5, 12), local(9, 0)) == []
    assert turns(session, local(1, 0), local(5, 8)) == []


def test_a_weekly_window_comes_again_until_it_is_ended(session: Session, county: dict[str, int]) -> None:
    made = window(session, "area", county["first"], local(1, 2), local(1, 4), repeats="weekly")
    assert [begin for begin, _ in turns(session, local(1, 0), local(30, 0))] == [
        local(n, 2) for n in (1, 8, 15, 22, 29)
    ]
    maintenance.end(session, made, now=local(15, 3))
    assert turns(session, local(9, 0), local(30, 0)) == [(local(15, 2), local(15, 3))]


def test_a_monthly_window_falls_on_the_last_day_of_a_short_month(session: Session, county: dict[str, int]) -> None:
    window(session, "area", county["first"], local(31, 2), local(31, 3), repeats="monthly")
    found = turns(session, local(1, 0), local(1, 0, month=5))
    assert [begin.astimezone(SHANGHAI).strftime("%m-%d %H") for begin, _ in found] == [
        "01-31 02", "02-28 02", "03-31 02", "04-30 02",
    ]  # fmt: skip


def test_a_turn_begins_at_the_same_local_time_when_clocks_change(session: Session, county: dict[str, int]) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    starts = datetime(2026, 3, 25, 8, tzinfo=berlin)
    window(session, "area", county["first"], starts, starts + timedelta(hours=1), repeats="weekly", timezone=berlin.key)
    found = turns(session, starts, starts + timedelta(days=8))
    assert [begin.astimezone(berlin).hour for begin, _ in found] == [8, 8]
    assert found[1][0] - found[0][0] == timedelta(days=7) - timedelta(hours=1)


@pytest.mark.parametrize(
    ("starts", "ends", "more"),
    [
        (local(5, 8), local(5, 8), {}),
        (local(5, 8), local(13, 8), {"repeats": "weekly"}),
        (local(5, 8), local(5, 9), {"repeats": "weekly", "ended_at": local(4, 0)}),
    ],
    ids=["empty", "longer than a week", "ended before it began"],
)
def test_turns_that_cannot_be_are_refused(
    session: Session, county: dict[str, int], starts: datetime, ends: datetime, more: dict[str, object]
) -> None:
    with pytest.raises(Refusal):
        window(session, "area", county["first"], starts, ends, **more)


def test_a_town_knows_that_the_whole_county_is_maintained_and_sees_its_own_cameras_only(
    session: Session, county: dict[str, int]
) -> None:
    now = datetime.now(UTC)
    window(session, "area", county["county"], now - timedelta(hours=1), now + timedelta(hours=1))
    db.act_for(session, county["account"])
    found = session.execute(text("SELECT camera_id FROM maintained_now()")).scalars().all()
    assert found == [county["first-camera"]]
    assert '"health":[4]' in wall.health(session)
    (listed,) = maintenance.listed(session, now=now)
    assert (listed["runs"], listed["editable"]) == (True, False)
    assert maintenance.end(session, listed["id"], now=now) is None


def test_what_hangs_on_a_link_below_is_maintained_with_it(session: Session, county: dict[str, int]) -> None:
    now = datetime.now(UTC)
    wide, narrow = (
        session.execute(text("INSERT INTO links (name) VALUES (:name) RETURNING id"), {"name": name}).scalar_one()
        for name in ("wide", "narrow")
    )
    session.execute(text("UPDATE links SET parent_id = :wide WHERE id = :narrow"), {"wide": wide, "narrow": narrow})
    session.execute(text("UPDATE cameras SET link = 'narrow' WHERE id = :id"), {"id": county["first-camera"]})
    session.execute(text("SELECT refresh_links()"))
    window(session, "link", wide, now - timedelta(hours=1), now + timedelta(hours=1))
    db.act_for(session, county["account"])
    assert session.execute(text("SELECT camera_id FROM maintained_now()")).scalars().all() == [county["first-camera"]]


def test_open_pages_are_told_when_a_turn_begins_and_ends(session: Session, county: dict[str, int]) -> None:
    window(session, "area", county["first"], local(5, 8), local(5, 12))
    told = [
        maintenance.tell_turns(session, since=moment - timedelta(seconds=5), until=moment)
        for moment in (local(5, 7), local(5, 8), local(5, 9), local(5, 12), local(5, 13))
    ]
    assert told == [0, 1, 0, 1, 0]


def test_a_place_is_found_by_code_or_name_and_only_inside_the_scope(session: Session, county: dict[str, int]) -> None:
    with pytest.raises(Refusal, match="several"):
        maintenance.place(session, "camera", "村口")
    db.act_for(session, county["account"])
    assert maintenance.place(session, "camera", "村口").id == county["first-camera"]
    with pytest.raises(Refusal, match="not known"):
        maintenance.place(session, "area", "mw-1")
