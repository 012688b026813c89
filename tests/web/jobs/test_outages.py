"""Thousands of cameras behind one link: what is lost together is one matter, from the look to the wall."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import db, health, outages, wall
from data.health import Due, Outcome
from data.looks import Observation, Target
from data.types import Course, Fault, Layer, Limits
from tests.data.test_tiles import area
from video.intervals import advance
from video.judge import judge
from web.jobs.outages import update

START = datetime.now(UTC) - timedelta(minutes=8)
LIMITS = Limits(confirm_offline_looks=2, confirm_offline_s=30, confirm_online_looks=1, confirm_online_s=0)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@pytest.fixture
def county(session: Session) -> dict[str, int]:
    """Make a county with two towns and an account of each and of the county."""
    made = {"county": area(session, "out-c", "county", 104.60)}
    for n, town in enumerate(("first", "second")):
        made[town] = area(session, f"out-{n}", "town", 104.60 + n / 10, made["county"])
        made[f"{town}-villages"] = area(session, f"out-{n}1", "village", 104.60 + n / 10, made[town])
        made[f"{town}-other"] = area(session, f"out-{n}2", "village", 104.62 + n / 10, made[town])
    session.execute(text("SELECT refresh_paths()"))
    for name in ("county", "first", "second"):
        account = session.execute(
            text("INSERT INTO accounts (login, password_hash, roles) VALUES (:login, 'x', '{operator}') RETURNING id"),
            {"login": f"out-{name}"},
        ).scalar_one()
        session.execute(
            text("INSERT INTO account_grants (account_id, area_id) VALUES (:account, :area)"),
            {"account": account, "area": made[name]},
        )
        made[f"{name}-account"] = account
    return made


def add_cameras(
    session: Session, area_id: int, count: int, *, recorder_of: int | None = None, link: str | None = None
) -> list[int]:
    """Store cameras of an area, so many to a recorder."""
    return list(
        session.execute(
            text(
                "INSERT INTO cameras (code, name, area_id, path, geom, rtsp_url, recorder, link, ipv4)"
                " SELECT 'out-' || a.id || '-' || n, '路口' || n, a.id, a.path,"
                " ST_SetSRID(ST_MakePoint(104.6 + n / 1e5, 29.18), 4326), 'rtsp://127.0.0.1/' || n,"
                " CASE WHEN :each > 0 THEN 'nvr-' || a.id || '-' || n / :each END, :link,"
                " '10.' || a.id % 200 || '.' || n / 250 || '.' || n % 250"
                " FROM areas a, generate_series(0, :count - 1) n WHERE a.id = :area RETURNING id"
            ),
            {"area": area_id, "count": count, "each": recorder_of or 0, "link": link},
        ).scalars()
    )


class Village:
    """Cameras whose looks are remembered as the worker does it."""

    def __init__(self, session: Session, ids: Sequence[int]) -> None:
        paths = {row.id: row.path for row in session.execute(text("SELECT id, path::text AS path FROM cameras"))}
        self._session = session
        self.dues = {
            n: Due(camera_id=n, area_id=None, path=paths[n], target=Target(camera_id=n), course=Course()) for n in ids
        }

    def looked(self, seconds: float, *, fault: Fault | None = None, only: Sequence[int] | None = None) -> None:
        """Remember one look at each camera, a few milliseconds apart."""
        outcomes = []
        for n in only if only is not None else self.dues:
            due = self.dues[n]
            moment = at(seconds) + timedelta(milliseconds=n % 900)
            seen = Observation(
                at=moment, valid_until=moment + timedelta(hours=1), fault=fault, layer=Layer.ROUTE if fault else None
            )
            course, stretches = advance(due.course, judge(seen, LIMITS), LIMITS)
            outcomes.append(Outcome(due=due, seen=seen, course=course, changes=stretches))
            self.dues[n] = Due(camera_id=n, area_id=None, path=due.path, target=due.target, course=course)
        changes = health.remember(self._session, outcomes)
        if fault:
            health.tell(self._session, changes)

    def lose(self, seconds: float, only: Sequence[int] | None = None) -> None:
        """Let looks fail until that is confirmed."""
        for later in (0, 40):
            self.looked(seconds + later, fault=Fault.NO_ROUTE, only=only)


def found(session: Session) -> list[tuple[str, str, int, int, bool]]:
    rows = session.execute(
        text("SELECT cause_kind, name, members, members_now, closed_at IS NULL FROM outages ORDER BY id")
    )
    return [tuple(row) for row in rows]


def events_of(session: Session, kind: str) -> int:
    return int(session.execute(text("SELECT count(*) FROM events WHERE kind = :kind"), {"kind": kind}).scalar_one())


def test_3230_cameras_behind_one_link_are_one_outage_one_line_and_one_event(
    session: Session, county: dict[str, int]
) -> None:
    ids = add_cameras(session, county["first-villages"], 1600, recorder_of=16, link="县到镇")
    ids += add_cameras(session, county["second-villages"], 1630, recorder_of=16, link="县到镇")
    well = add_cameras(session, county["first-other"], 40)
    village = Village(session, [*ids, *well])
    village.looked(0)
    village.lose(60, only=ids)
    for seconds in (101, 106, 180):
        update(session, now=at(seconds))

    assert found(session) == [("link", "县到镇", 3230, 3230, True)]
    assert events_of(session, "outage") == 1
    for login, devices in (("county", 3230), ("first", 1600), ("second", 1630)):
        db.act_for(session, county[f"{login}-account"])
        (line,) = wall.wrong_now(session)
        assert (line["name"], line["devices"], line["lines"]) == ("县到镇", devices, 1)
        session.execute(text("RESET ROLE"))


def test_an_outage_closes_when_its_members_are_back_and_takes_who_comes_late(
    session: Session, county: dict[str, int]
) -> None:
    ids = add_cameras(session, county["first-villages"], 30)
    others = add_cameras(session, county["second-villages"], 30)
    village = Village(session, [*ids, *others])
    village.looked(0)
    village.lose(60, only=ids[:28])
    update(session, now=at(200))
    assert found(session) == [("area", "镇out-01", 28, 28, True)]

    village.lose(220, only=ids[28:])
    update(session, now=at(300))
    assert found(session) == [("area", "镇out-01", 30, 30, True)]

    village.looked(310, only=ids[:20])
    update(session, now=at(312))
    assert found(session) == [("area", "镇out-01", 30, 10, True)]
    village.looked(320, only=ids[20:])
    update(session, now=at(322))
    assert found(session) == [("area", "镇out-01", 30, 0, False)]
    ended = text("SELECT closed_at = (SELECT max(until) FROM outage_members) FROM outages")
    assert session.execute(ended).scalars().all() == [True]
    assert events_of(session, "outage") == 2


def test_a_recorder_goes_into_the_outage_of_its_link(session: Session, county: dict[str, int]) -> None:
    ids = add_cameras(session, county["first-villages"], 64, recorder_of=16, link="一村光缆")
    village = Village(session, ids)
    village.looked(0)
    village.lose(60, only=ids[:15])
    update(session, now=at(180))
    assert found(session) == [("recorder", f"nvr-{county['first-villages']}-0", 15, 15, True)]
    village.lose(190, only=ids[15:])
    update(session, now=at(300))
    assert [(row[0], row[2:]) for row in found(session)] == [("recorder", (15, 0, False)), ("link", (64, 64, True))]
    assert session.execute(text("SELECT count(*) FROM outage_members WHERE until IS NULL")).scalar_one() == 64


def test_what_is_maintained_is_no_outage(session: Session, county: dict[str, int]) -> None:
    ids = add_cameras(session, county["first-villages"], 30)
    village = Village(session, ids)
    village.looked(0)
    session.execute(
        text(
            "INSERT INTO maintenance_windows (area_id, path, starts_at, ends_at)"
            " SELECT id, path, :start, :end FROM areas WHERE id = :area"
        ),
        {"area": county["first"], "start": at(-60), "end": at(36_000)},
    )
    village.lose(60)
    update(session, now=at(180))
    assert found(session) == []
    db.act_for(session, county["first-account"])
    assert wall.wrong_now(session) == []
    numbers = wall.numbers(session, midnight=START)
    assert (numbers["maintenance"], numbers["in_use"], numbers["offline"]) == (30, 0, 0)


def test_a_member_whose_word_expired_stays_in_the_outage(session: Session, county: dict[str, int]) -> None:
    ids = add_cameras(session, county["first-villages"], 30)
    village = Village(session, ids)
    village.looked(0)
    village.lose(60)
    update(session, now=at(180))
    session.execute(text("UPDATE camera_state SET health = 'unknown', valid_until = now() - interval '1 minute'"))
    update(session, now=at(400))
    assert [row[3:] for row in found(session)] == [(30, True)]


def test_a_prober_that_is_cut_off_is_an_outage_without_members(session: Session) -> None:
    session.execute(
        text("INSERT INTO probers (probe_site, heard_at, cut_off_since) VALUES ('main', :at, :at)"), {"at": at(0)}
    )
    for seconds in (1, 2):
        outages.keep_prober(session, now=at(seconds))
    assert found(session) == [("prober", "main", 0, 0, True)]
    session.execute(text("UPDATE probers SET cut_off_since = NULL"))
    outages.keep_prober(session, now=at(60))
    assert found(session) == [("prober", "main", 0, 0, False)]
    assert events_of(session, "outage") == 2
