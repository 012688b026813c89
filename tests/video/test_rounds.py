"""A round against real virtual cameras and a real database: what is seen becomes what is remembered."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from data import db, health, secrets, turns
from data.health import CAMERA_PASSWORD
from data.looks import Observation, Target, Want
from data.types import Course, Fault, Health, Interval, Layer, Limits, Verdict
from video.pace import Pace, aimed
from video.rounds import decide, run

# Later than any camera of this run was entered.
NOW = datetime(2100, 3, 1, 8, 0, tzinfo=UTC)
HASTE = Pace(limits=Limits(confirm_offline_looks=2, confirm_offline_s=1.0), every_s=10.0)
REFUSED = Interval(since=NOW, until=None, health=Health.OFFLINE, fault=Fault.REFUSED, layer=Layer.TCP)


def seen(at: datetime, fault: Fault | None = None) -> Observation:
    return Observation(at=at, valid_until=at + timedelta(seconds=25), fault=fault)


def due(course: Course | None = None, **facts: object) -> health.Due:
    return health.Due(
        camera_id=1, area_id=None, path="", target=Target(camera_id=1), course=course or Course(), **facts
    )


def add_cameras(urls: Sequence[str]) -> list[int]:
    """Store one camera per address, each due for a look."""
    with db.transaction() as session:
        made = [
            session.execute(
                text(
                    "INSERT INTO cameras (code, name, rtsp_url, username, password_encrypted)"
                    " VALUES (:code, :code, :url, 'admin', :sealed) RETURNING id"
                ),
                {"code": f"C{n}", "url": url, "sealed": secrets.encrypt("right", purpose=CAMERA_PASSWORD)},
            ).scalar_one()
            for n, url in enumerate(urls)
        ]
    make_due()
    return made


def make_due() -> None:
    with db.transaction() as session:
        session.execute(text("UPDATE look_turns SET next_check_at = '2000-01-01'"))


def states() -> list[tuple[str, str | None]]:
    with db.transaction() as session:
        return [
            (row.health, row.fault)
            for row in session.execute(text("SELECT health, fault FROM camera_state ORDER BY camera_id"))
        ]


def stretches(camera_id: int) -> list[tuple[str, bool]]:
    with db.transaction() as session:
        rows = session.execute(
            text("SELECT health, upper_inf(during) FROM health_intervals WHERE camera_id = :id ORDER BY lower(during)"),
            {"id": camera_id},
        )
        return [(row[0], row[1]) for row in rows]


def look(clock: datetime) -> int:
    return asyncio.run(run(HASTE, clock=lambda: clock, decoders=None))


def test_a_closed_port_is_offline_only_after_it_was_confirmed(committed: Path) -> None:
    (camera,) = add_cameras(["rtsp://127.0.0.1:9/none"])

    assert look(NOW) == 1
    assert states() == [("unknown", None)]
    make_due()
    assert look(NOW + timedelta(seconds=5)) == 1

    assert states() == [("offline", "refused")]
    assert stretches(camera) == [("offline", True)]


def test_a_change_that_waits_is_looked_at_again_before_its_turn(committed: Path) -> None:
    add_cameras(["rtsp://127.0.0.1:9/none"])
    look(NOW)
    with db.transaction() as session:
        again = session.execute(text("SELECT next_check_at FROM look_turns")).scalar_one()
    assert again <= NOW + timedelta(seconds=HASTE.every_s)


def test_nothing_is_due_twice(committed: Path) -> None:
    add_cameras([f"rtsp://127.0.0.1:9/{n}" for n in range(5)])
    with db.transaction() as one, db.transaction() as two:
        first = turns.take_due(one, now=NOW + timedelta(days=400), at_most=3, every_s=60, probe_site="main")
        second = turns.take_due(two, now=NOW + timedelta(days=400), at_most=3, every_s=60, probe_site="main")
    assert len(first) == 3
    assert len(second) == 2
    assert not {a.camera_id for a in first} & {b.camera_id for b in second}


def test_cameras_of_another_probe_site_are_left_to_it(committed: Path) -> None:
    add_cameras(["rtsp://127.0.0.1:9/none"])
    with db.transaction() as session:
        session.execute(text("UPDATE cameras SET probe_site = 'valley'"))
    assert look(datetime.now(UTC) + timedelta(minutes=1)) == 0


def test_a_word_that_expired_is_written_down_as_silence(committed: Path) -> None:
    (camera,) = add_cameras(["rtsp://127.0.0.1:9/none"])
    for second in (0, 5):
        make_due()
        look(NOW + timedelta(seconds=second))
    with db.transaction() as session:
        until = session.execute(text("SELECT valid_until FROM camera_state")).scalar_one()
        (change,) = health.expire(session, now=until + timedelta(seconds=1))

    assert (change.health, change.since) == (Health.UNKNOWN, until)
    assert stretches(camera) == [("offline", False), ("unknown", True)]


def test_a_refused_password_is_remembered_with_the_version_that_was_tried(committed: Path) -> None:
    add_cameras(["rtsp://127.0.0.1:9/none"])
    with db.transaction() as session:
        (taken,) = turns.take_due(
            session, now=datetime.now(UTC) + timedelta(hours=1), at_most=9, every_s=60, probe_site="main"
        )
        assert taken.target.credential is not None
        assert taken.target.credential.password == "right"
        health.remember(session, [decide(taken, seen(NOW, Fault.AUTH_REFUSED), HASTE)])
        make = text("UPDATE look_turns SET next_check_at = '2000-01-01'")
        session.execute(make)
        (again,) = turns.take_due(session, now=NOW + timedelta(hours=1), at_most=9, every_s=60, probe_site="main")
    assert again.target.refused_credential_version == again.target.credential_version


def test_facts_are_stored_once_while_they_stay_the_same(committed: Path) -> None:
    add_cameras(["rtsp://127.0.0.1:9/none"])
    for second in (0, 5, 10):
        make_due()
        look(NOW + timedelta(seconds=second))
    with db.transaction() as session:
        assert session.execute(text("SELECT count(*) FROM observations")).scalar_one() == 1
        assert session.execute(text("SELECT looks, faults FROM observation_hours")).one() == (3, 3)


def test_an_open_page_hears_of_a_confirmed_change_only(committed: Path) -> None:
    add_cameras(["rtsp://127.0.0.1:9/none"])
    told = []
    for second in (0, 5, 10):
        make_due()
        look(NOW + timedelta(seconds=second))
        with db.transaction() as session:
            told.append(session.execute(text("SELECT count(*) FROM events WHERE kind = 'health'")).scalar_one())
    assert told == [0, 1, 1]


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ({}, True),
        ({"pictured_at": NOW - timedelta(minutes=1)}, False),
        ({"pictured_at": NOW - timedelta(minutes=6)}, True),
        ({"pictured_at": NOW - timedelta(minutes=1), "asked": True}, True),
    ],
    ids=["never pictured", "pictured lately", "picture is old", "somebody asked"],
)
def test_a_picture_is_taken_when_it_is_time_for_one(facts: dict[str, object], wanted: bool) -> None:
    assert aimed(due(**facts), HASTE, now=NOW).want_picture is wanted


def test_a_device_is_asked_more_when_its_moment_comes_or_somebody_asks() -> None:
    long_ago = NOW - timedelta(days=2)
    assert aimed(due(pictured_at=NOW), HASTE, now=NOW).want == frozenset()
    assert aimed(due(pictured_at=NOW, asked=True), HASTE, now=NOW).want == frozenset(Want)
    target = aimed(due(pictured_at=NOW, checked_at=long_ago), HASTE, now=NOW)
    assert (target.want, target.want_picture) == (frozenset(Want), True)
    crowded = aimed(due(pictured_at=NOW, checked_at=long_ago), HASTE, now=NOW, room=False)
    assert (crowded.want, crowded.want_picture) == (frozenset(Want) - {Want.STREAM}, False)


def test_what_stands_still_or_shakes_is_looked_at_with_several_frames() -> None:
    frozen = Verdict(at=NOW, valid_until=NOW, health=Health.DEGRADED, fault=Fault.FROZEN, layer=Layer.PICTURE)
    course = Course(open=Interval(since=NOW, until=None, health=Health.ONLINE), waiting=frozen, waiting_looks=1)
    assert Want.STREAM in aimed(due(course, pictured_at=NOW, checked_at=NOW), HASTE, now=NOW).want


def test_a_picture_that_was_the_same_once_is_followed_by_the_next() -> None:
    same = replace(due(pictured_at=NOW), target=Target(camera_id=1, repeats=1))
    assert aimed(same, HASTE, now=NOW).want_picture


def test_a_picture_in_doubt_is_taken_at_every_look() -> None:
    black = Verdict(at=NOW, valid_until=NOW, health=Health.DEGRADED, fault=Fault.BLACK, layer=Layer.PICTURE)
    waiting = Course(open=Interval(since=NOW, until=None, health=Health.ONLINE), waiting=black, waiting_looks=1)
    told = Course(open=Interval(since=NOW, until=None, health=Health.DEGRADED, layer=Layer.PICTURE))
    for course in (waiting, told):
        assert aimed(due(course, pictured_at=NOW), HASTE, now=NOW).want_picture


def test_a_quiet_look_says_only_that_what_is_known_still_holds(committed: Path) -> None:
    add_cameras(["rtsp://127.0.0.1:9/none"])
    everything = "SELECT checked_at, valid_until, to_jsonb(s) - 'checked_at' - 'valid_until' FROM camera_state s"
    rows = []
    for second in (0, 5, 10, 15):
        make_due()
        look(NOW + timedelta(seconds=second))
        with db.transaction() as session:
            rows.append(session.execute(text(everything)).one())
    assert [row[0] for row in rows] == [NOW + timedelta(seconds=second) for second in (0, 5, 10, 15)]
    assert rows[3][1] - rows[2][1] == timedelta(seconds=5)
    assert rows[3][2] == rows[2][2]


def test_when_every_decoder_is_busy_only_pictures_that_matter_are_taken() -> None:
    assert not aimed(due(), HASTE, now=NOW, room=False).want_picture
    assert aimed(due(asked=True), HASTE, now=NOW, room=False).want_picture
    long_ago = due(checked_at=NOW - timedelta(days=2), pictured_at=NOW)
    assert Want.STREAM in aimed(long_ago, HASTE, now=NOW).want
    assert Want.STREAM not in aimed(long_ago, HASTE, now=NOW, room=False).want


def test_a_dead_camera_is_looked_at_more_seldom_and_its_word_holds_until_then() -> None:
    dead = Course(
        open=Interval(
            since=NOW - timedelta(hours=3), until=None, health=Health.OFFLINE, fault=Fault.REFUSED, layer=Layer.TCP
        ),
        valid_until=NOW + timedelta(seconds=25),
    )
    refused = replace(seen(NOW, Fault.REFUSED), layer=Layer.TCP)
    outcome = decide(due(dead), refused, HASTE)
    assert outcome.look_again_at is not None
    assert outcome.look_again_at > NOW + timedelta(seconds=2 * HASTE.every_s)
    assert outcome.course.valid_until is not None
    assert outcome.course.valid_until > outcome.look_again_at


def taken() -> health.Due:
    make_due()
    with db.transaction() as session:
        (one,) = turns.take_due(session, now=NOW, at_most=9, every_s=60, probe_site="main")
        return one


def remembered(*outcomes: health.Outcome) -> int:
    with db.transaction() as session:
        return len(health.remember(session, outcomes))


def test_a_look_drawn_from_what_no_longer_holds_is_left_out(committed: Path) -> None:
    (camera,) = add_cameras(["rtsp://127.0.0.1:9/none"])
    quick = replace(HASTE, limits=Limits(confirm_online_looks=1, confirm_online_s=0))
    # Two workers, or one whose writing lagged behind: both draw their conclusion from the same state.
    before = taken()
    first, second = (decide(before, seen(NOW + timedelta(seconds=at)), quick) for at in (0, 4))
    assert remembered(first, second) == 1
    assert remembered(second) == 0

    after = taken()
    quiet = decide(after, seen(NOW + timedelta(seconds=6)), quick)
    refused = decide(after, replace(seen(NOW + timedelta(seconds=8), Fault.REFUSED), layer=Layer.TCP), quick)
    assert remembered(quiet) == 0
    assert remembered(refused) == 0
    with db.transaction() as session:
        row = session.execute(text("SELECT checked_at, waiting_health FROM camera_state")).one()
    assert tuple(row) == (quiet.seen.at, None)
    assert stretches(camera) == [("online", True)]
