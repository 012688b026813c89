"""The roll-up in the database is what the intervals say, day by day and over the month, and knows the scope."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import db, rates
from data.types import Fault, Health, Interval, Layer
from tests.data.test_tiles import area
from tests.data.test_wall import camera
from video.days import Day, Span, day_of
from video.rates import SUMMED, Sums

START = datetime(2026, 5, 31, 16, tzinfo=UTC)
MONTH, NEXT = date(2026, 6, 1), date(2026, 7, 1)
DAYS = 3
END = START + timedelta(days=DAYS)
VERDICTS = [
    ("online", None, None),
    ("online", None, None),
    ("offline", "tcp", "timeout"),
    ("offline", "route", "no_route"),
    ("unknown", None, None),
    ("degraded", "picture", "black"),
    ("degraded", "auth", "auth_refused"),
    ("degraded", "clock", "clock_wrong"),
    ("degraded", "describe", "not_as_recorded"),
]
ADD = text(
    "INSERT INTO health_intervals (camera_id, area_id, health, fault, layer, during, path)"
    " SELECT id, area_id, :health, :fault, :layer, tstzrange(:since, :until), path FROM cameras WHERE id = :camera"
)


@pytest.fixture
def cell(session: Session) -> int:
    town = area(session, "rates-a", "town", 104.60)
    made = area(session, "rates-a1", "cell", 104.60, town)
    session.execute(text("SELECT refresh_paths()"))
    return made


def install(session: Session, code: str, cell: int, *, created: datetime = START - timedelta(days=30)) -> int:
    made = camera(session, code, cell, 104.61)
    session.execute(text("UPDATE cameras SET created_at = :at WHERE id = :id"), {"at": created, "id": made})
    return made


def history(chance: random.Random) -> list[Mapping[str, Any]]:
    """Return made-up stretches from before the first day into the last, the last one open now and then."""
    rows: list[Mapping[str, Any]] = []
    now = START - timedelta(seconds=chance.uniform(0, 90_000))
    while now < END:
        health, layer, fault = chance.choice(VERDICTS)
        until = now + timedelta(seconds=chance.choice([chance.uniform(0.3, 900), chance.uniform(3000, 90_000)]))
        is_last = until >= END or chance.random() < 0.05
        ended = None if is_last and chance.random() < 0.7 else until
        rows.append({"health": health, "layer": layer, "fault": fault, "since": now, "until": ended})
        if is_last:
            break
        # What nobody wrote down is unchecked, as UNKNOWN is.
        now = until + timedelta(seconds=chance.choice([0, 0, 0, 500.5]))
    return rows


def spans(chance: random.Random, most: int) -> list[Span]:
    """Return times within the days, to a fraction of a second."""
    begins = [START + timedelta(seconds=chance.uniform(-5000, DAYS * 86_400)) for _ in range(chance.randint(0, most))]
    return [(at, at + timedelta(seconds=chance.uniform(1, 40_000))) for at in begins]


def remember(session: Session, camera_id: int, rows: Sequence[Mapping[str, Any]], valid_until: datetime) -> None:
    session.execute(ADD, [{"camera": camera_id, **row} for row in rows])
    session.execute(
        text("UPDATE camera_state SET valid_until = :at WHERE camera_id = :id"), {"at": valid_until, "id": camera_id}
    )


def maintain(session: Session, camera_id: int, turns: Sequence[Span]) -> None:
    for since, until in turns:
        session.execute(
            text("INSERT INTO maintenance_windows (camera_id, starts_at, ends_at) VALUES (:id, :since, :until)"),
            {"id": camera_id, "since": since, "until": until},
        )


def retire(session: Session, camera_id: int, lives: Sequence[tuple[datetime, str, str]], state: str) -> None:
    """Remember changes of the record's state: at which time, from what, to what; the last word is `state`."""
    for at, was, became in lives:
        session.execute(
            text(
                "INSERT INTO camera_changes (camera_id, at, before, after) VALUES (:id, :at,"
                " jsonb_build_object('record_state', CAST(:was AS text)),"
                " jsonb_build_object('record_state', CAST(:became AS text)))"
            ),
            {"id": camera_id, "at": at, "was": was, "became": became},
        )
    session.execute(text("UPDATE cameras SET record_state = :state WHERE id = :id"), {"state": state, "id": camera_id})


def count(session: Session, until: datetime = END) -> None:
    """Count each day up to `until`, and the month."""
    for number in range(DAYS):
        since = START + timedelta(days=number)
        if since < until:
            ends = min(until, since + timedelta(days=1))
            rates.count_day(
                session, MONTH + timedelta(days=number), since=since, until=ends.replace(microsecond=0), clock_limit_s=5
            )
    rates.count_month(session, MONTH, next_month=NEXT, until=until)


def days(session: Session, camera_id: int) -> list[Day]:
    names = [one.name for one in fields(Day)]
    rows = session.execute(text("SELECT * FROM health_days WHERE camera_id = :id ORDER BY day"), {"id": camera_id})
    return [Day(**{name: row[name] for name in names}) for row in rows.mappings()]


def stretch(row: Mapping[str, Any]) -> Interval:
    layer, fault = Layer(row["layer"]) if row["layer"] else None, Fault(row["fault"]) if row["fault"] else None
    return Interval(since=row["since"], until=row["until"], health=Health(row["health"]), layer=layer, fault=fault)


@pytest.mark.parametrize("seed", range(3))
def test_the_roll_up_is_what_the_intervals_say(session: Session, cell: int, seed: int) -> None:
    chance = random.Random(seed)
    until = END - timedelta(seconds=chance.uniform(0, 50_000))
    told = {}
    for number in range(25):
        made = install(session, f"rates-{number}", cell)
        rows, valid_until = history(chance), END + timedelta(seconds=chance.uniform(-90_000, 5_000))
        valid_until = max(valid_until, rows[-1]["since"])
        maintained, dead, mended = spans(chance, 2), spans(chance, 1), spans(chance, 1)
        mended = [(max(a, dead[0][1]), b) for a, b in mended] if dead else mended
        mended = [(a, b) for a, b in mended if a < b]
        remember(session, made, rows, valid_until)
        maintain(session, made, maintained)
        lives = [
            *(
                (at, *turn)
                for a, b in dead
                for at, turn in ((a, ("in_use", "dismantled")), (b, ("dismantled", "in_use")))
            ),
            *((at, *turn) for a, b in mended for at, turn in ((a, ("in_use", "repair")), (b, ("repair", "in_use")))),
        ]
        retire(session, made, lives, "in_use")
        told[made] = (rows, valid_until, dead, [*maintained, *mended])
    count(session, until)
    for made, (rows, valid_until, dead, maintained) in told.items():
        wanted = [
            day_of(
                [stretch(row) for row in rows],
                since=START + timedelta(days=number),
                until=min(until, START + timedelta(days=number + 1)),
                valid_until=valid_until,
                out=dead,
                maintained=maintained,
            )
            for number in range(DAYS)
        ]
        # A day on which it was not in use at all has no row.
        assert days(session, made) == [one for one in wanted if any(v for k, v in asdict(one).items() if k != "out_s")]


def test_counting_again_writes_nothing_and_follows_what_was_judged_anew(session: Session, cell: int) -> None:
    made = install(session, "rates-1", cell)
    hour = timedelta(hours=1)
    remember(session, made, [{"health": "online", "layer": None, "fault": None, "since": START, "until": END}], END)
    count(session)
    again = rates.count_day(session, MONTH, since=START, until=START + 24 * hour, clock_limit_s=5)
    assert (again, days(session, made)[0]) == (0, Day(good_s=86_400))
    session.execute(text("DELETE FROM health_intervals WHERE camera_id = :id"), {"id": made})
    remember(
        session, made, [{"health": "offline", "layer": "tcp", "fault": "timeout", "since": START, "until": END}], END
    )
    count(session)
    assert days(session, made)[0] == Day(offline_s=86_400, failures=1)


def test_a_camera_is_not_due_before_its_record_was_there_nor_after_it_went(session: Session, cell: int) -> None:
    late = install(session, "rates-late", cell, created=START + timedelta(days=1, hours=6, milliseconds=300))
    gone = install(session, "rates-gone", cell)
    retire(session, gone, [(START + timedelta(hours=6), "in_use", "dismantled")], "dismantled")
    count(session)
    assert days(session, late) == [Day(out_s=6 * 3600, unchecked_s=18 * 3600), Day(unchecked_s=86_400)]
    assert days(session, gone) == [Day(unchecked_s=6 * 3600, out_s=18 * 3600)]


def test_the_month_is_its_days_added_up(session: Session, cell: int) -> None:
    made = install(session, "rates-1", cell)
    noon = START + timedelta(hours=12)
    rows: list[Mapping[str, Any]] = [
        {"health": "online", "layer": None, "fault": None, "since": START, "until": noon},
        {"health": "offline", "layer": "tcp", "fault": "timeout", "since": noon, "until": noon + timedelta(hours=30)},
        {
            "health": "degraded",
            "layer": "picture",
            "fault": "black",
            "since": noon + timedelta(hours=30),
            "until": None,
        },
    ]
    remember(session, made, rows, END)
    for hour, skew in ((1, 0.5), (2, -7.0), (26, 1.0)):
        session.execute(
            text(
                "INSERT INTO observation_hours (camera_id, hour, looks, clock_skew_s_min, clock_skew_s_max)"
                " VALUES (:id, :hour, 60, :skew, :skew)"
            ),
            {"id": made, "hour": START + timedelta(hours=hour), "skew": skew},
        )
    count(session)
    sums = Sums.of(rates.groups(session, _month(), [])[""][0])
    hour_s = 3600
    assert (sums.good_s, sums.offline_s, sums.bad_s) == (12 * hour_s, 30 * hour_s, 30 * hour_s)
    assert (sums.online_days, sums.not_online_days, sums.unchecked_days) == (2, 1, 0)
    assert (sums.clock_good_days, sums.clock_bad_days, sums.clock_unread_days) == (1, 1, 1)
    assert (sums.failures, sums.repairs, sums.repair_s) == (1, 1, 30 * hour_s)
    assert (sums.cameras, sums.placed, sums.recording_unchecked_s) == (1, 1, 72 * hour_s)


def _month() -> rates.Month:
    return rates.Month(month=MONTH, until=END)


@pytest.fixture
def account(session: Session, cell: int) -> int:
    """Return an account of the town."""
    made: int = session.execute(
        text("INSERT INTO accounts (login, password_hash, roles) VALUES ('rates', 'x', '{admin}') RETURNING id")
    ).scalar_one()
    session.execute(
        text("INSERT INTO account_grants (account_id, area_id) SELECT :id, id FROM areas WHERE code = 'rates-a'"),
        {"id": made},
    )
    return made


def test_sums_are_those_of_the_scope(session: Session, cell: int, account: int) -> None:
    other = area(session, "rates-b", "town", 104.70)
    session.execute(text("SELECT refresh_paths()"))
    for code, where in (("rates-1", cell), ("rates-2", cell), ("rates-3", other)):
        made = install(session, code, where)
        remember(session, made, [{"health": "online", "layer": None, "fault": None, "since": START, "until": END}], END)
    count(session)
    db.act_for(session, account)
    found = rates.groups(session, _month(), ["town", "vendor"])
    assert Sums.of(found[""][0]).good_s == 2 * DAYS * 86_400
    assert [(row["key"], row["cameras"]) for row in found["town"]] == [("rates-a", 2)]
    assert [row["code"] for row in rates.cameras(session, _month())] == ["rates-1", "rates-2"]
    assert [row["good_s"] for row in rates.daily(session, _month(), next_month=NEXT)] == [2 * 86_400] * DAYS
    assert rates.place(session, "")["code"] == "rates-a"


def test_groups_add_up_to_the_whole_and_name_what_has_no_name(session: Session, cell: int) -> None:
    for number, vendor in enumerate(["甲", "甲", "乙", None, ""]):
        made = install(session, f"rates-{number}", cell)
        session.execute(text("UPDATE cameras SET vendor = :vendor WHERE id = :id"), {"vendor": vendor, "id": made})
    count(session)
    found = rates.groups(session, _month(), ["vendor", "town"])
    assert [(row["key"], row["cameras"]) for row in found["vendor"]] == [("乙", 1), ("甲", 2), ("", 2)]
    for kind in ("vendor", "town"):
        whole = sum((Sums.of(row) for row in found[kind]), Sums())
        assert whole == Sums.of(found[""][0])
    assert [row["code"] for row in rates.cameras(session, _month(), by="vendor", key="")] == ["rates-3", "rates-4"]


def test_the_columns_are_those_that_rates_are_made_of() -> None:
    assert rates.SUMMED == SUMMED
