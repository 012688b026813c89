"""Events reach whoever may see them, and silence is noticed without any worker."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import db, events

NUMBERS = st.lists(st.integers(1, 99).map(str), max_size=4)


@pytest.mark.parametrize(
    ("path", "paths", "seen"),
    [
        ("1.2.3", ("",), True),
        ("", ("",), True),
        ("", ("1",), False),
        ("1.2.3", ("1.2",), True),
        ("1.2", ("1.2",), True),
        ("1.2", ("1.2.3",), False),
        ("1.23", ("1.2",), False),
        ("1.2.3", ("4", "1.2"), True),
        ("1.2.3", (), False),
    ],
)
def test_an_event_is_seen_inside_what_was_granted(path: str, paths: tuple[str, ...], seen: bool) -> None:
    assert events.may_see(path, paths) is seen


@given(NUMBERS, NUMBERS)
def test_the_filter_says_what_the_database_says(event: list[str], granted: list[str]) -> None:
    inside = event[: len(granted)] == granted
    assert events.may_see(".".join(event), (".".join(granted),)) is inside


def test_what_happened_since_is_read_in_order(session: Session) -> None:
    session.execute(text("DELETE FROM events"))
    for n in range(3):
        events.announce(session, "health", path="1.2", body={"id": n, "since": datetime(2026, 1, 1, tzinfo=UTC)})
    newest = events.newest(session)
    found = events.since(session, newest - 1)
    assert found is not None
    assert [event.number for event in found][-1] == newest
    assert found[-1].body == {"id": 2, "since": "2026-01-01T00:00:00+00:00"}
    assert found[-1].path == "1.2"


def test_too_much_or_too_long_ago_is_not_told_but_said(session: Session) -> None:
    session.execute(text("DELETE FROM events"))
    session.execute(
        text("INSERT INTO events (kind, body) SELECT 'health', '{}' FROM generate_series(1, :n)"),
        {"n": events.LOOK_BACK + 20},
    )
    newest = events.newest(session)
    assert events.since(session, newest - events.LOOK_BACK - 15, at_most=5) is None
    session.execute(text("DELETE FROM events WHERE id < :id"), {"id": newest})
    assert events.since(session, newest - 50) is None


def test_a_number_is_heard_when_its_event_is_committed(database: Path) -> None:
    listener = events.Listener()
    try:
        with db.transaction() as session:
            events.announce(session, "areas", path="", body={})
            session.flush()
            assert listener.hear(timeout_s=0.1) == []
        numbers = listener.hear(timeout_s=10)
        with db.transaction("push") as session:
            assert [event.kind for event in events.read(session, numbers)] == ["areas"]
    finally:
        listener.close()


def test_a_camera_whose_word_expired_fell_silent_once(session: Session) -> None:
    now = datetime.now(UTC)
    camera = session.execute(text("INSERT INTO cameras (code, name) VALUES ('silent', 'x') RETURNING id")).scalar_one()
    session.execute(
        text("UPDATE camera_state SET health = 'online', valid_until = :until WHERE camera_id = :camera"),
        {"until": now - timedelta(seconds=1), "camera": camera},
    )
    found = events.fallen_silent(session, after=now - timedelta(seconds=2), until=now)
    assert camera in [one.camera_id for one in found]
    assert events.fallen_silent(session, after=now, until=now + timedelta(seconds=1)) == []


def test_a_token_of_nobody_opens_no_scope(session: Session) -> None:
    assert events.scope(session, "no such token") is None


def test_old_events_are_forgotten(session: Session) -> None:
    events.announce(session, "health", path="", body={})
    assert events.forget_before(session, datetime.now(UTC) + timedelta(minutes=1)) >= 1
    assert events.newest(session) == 0
