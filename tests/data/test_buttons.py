"""A button's silence: offline only where somebody was there to hear, unknown otherwise, and no stretch twice."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import buttons, witness
from web.jobs.housekeeping import judge_buttons

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
BEAT_S = 60.0
SECRET = "the secret of a button at the school gate"


@pytest.fixture
def button(session: Session) -> buttons.Speaker:
    """Return a button in use that has never been heard."""
    session.execute(text("DELETE FROM options WHERE name = 'intake'"))
    session.execute(
        text("INSERT INTO buttons (code, name, heartbeat_s) VALUES ('B1', '校门', :beat)"), {"beat": BEAT_S}
    )
    buttons.set_secret(session, "B1", SECRET)
    found = buttons.speaker(session, "B1")
    assert found
    return found


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def listen(session: Session, since: float, until: float) -> None:
    """Let the intake be alive from one minute to another."""
    moment = since
    while moment <= until:
        witness.say_alive(session, now=at(moment))
        moment += 0.25


def stretches(session: Session) -> list[tuple[str, float, float | None]]:
    """Return health, start and end in minutes."""
    rows = session.execute(
        text(
            "SELECT health, lower(during) AS since, upper(during) AS until FROM button_intervals ORDER BY lower(during)"
        )
    )
    return [(row.health, _minutes(row.since), _minutes(row.until) if row.until else None) for row in rows]


def _minutes(moment: datetime) -> float:
    return round((moment - START).total_seconds() / 60, 3)


def test_a_button_that_was_never_heard_is_unknown_and_not_offline(session: Session, button: buttons.Speaker) -> None:
    listen(session, 0, 60)
    judge_buttons(session, at(60))
    (row,) = buttons.listing(session)
    assert (row["health"], row["heard_at"], stretches(session)) == ("unknown", None, [])


def test_witnessed_silence_is_offline_from_the_last_word_on(session: Session, button: buttons.Speaker) -> None:
    listen(session, -10, 3)
    buttons.heard(session, button, at=at(0), pressed=False)
    judge_buttons(session, at(2))
    assert stretches(session) == [("online", 0, None)]
    judge_buttons(session, at(2.3))
    assert stretches(session) == [("online", 0, 2.2), ("offline", 2.2, None)]
    judge_buttons(session, at(3))
    buttons.heard(session, button, at=at(9), pressed=True)
    assert stretches(session)[1:] == [("offline", 2.2, 9), ("online", 9, None)]


def test_silence_while_the_intake_was_down_is_unknown_until_it_was_witnessed_long_enough(
    session: Session, button: buttons.Speaker
) -> None:
    listen(session, -10, 0)
    buttons.heard(session, button, at=at(0), pressed=False)
    judge_buttons(session, at(5))
    assert stretches(session) == [("online", 0, 2.2), ("unknown", 2.2, None)]
    listen(session, 10, 14)
    judge_buttons(session, at(12))
    assert stretches(session)[-1] == ("unknown", 2.2, None)
    judge_buttons(session, at(12.3))
    assert stretches(session) == [("online", 0, 2.2), ("unknown", 2.2, 10), ("offline", 10, None)]


def test_a_silence_nobody_wrote_down_is_not_health(session: Session, button: buttons.Speaker) -> None:
    buttons.heard(session, button, at=at(0), pressed=False)
    assert buttons.heard(session, button, at=at(30), pressed=False)
    assert stretches(session) == [("online", 0, 2.2), ("unknown", 2.2, 30), ("online", 30, None)]


def test_a_button_that_is_not_in_use_is_not_judged(session: Session, button: buttons.Speaker) -> None:
    listen(session, -10, 9)
    buttons.heard(session, button, at=at(0), pressed=False)
    session.execute(text("UPDATE buttons SET record_state = 'repair'"))
    judge_buttons(session, at(9))
    assert stretches(session) == [("online", 0, None)]


def test_a_break_of_the_intake_starts_its_time_anew(session: Session, button: buttons.Speaker) -> None:
    listen(session, 0, 5)
    assert witness.listening_since(session, now=at(5)) == at(0)
    assert witness.listening_since(session, now=at(6)) is None
    listen(session, 6, 7)
    assert witness.listening_since(session, now=at(7)) == at(6)


def test_what_is_shown_expires_though_no_job_runs(session: Session, button: buttons.Speaker) -> None:
    buttons.heard(session, button, at=datetime.now(UTC) - timedelta(minutes=3), pressed=False)
    assert [row["health"] for row in buttons.listing(session)] == ["unknown"]


Doings = st.lists(
    st.tuples(st.floats(0.05, 4), st.sampled_from(["heard", "judged", "listening", "deaf"])), min_size=1, max_size=25
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(doings=Doings)
def test_stretches_follow_one_another_whatever_happens(
    database: Path, session: Session, button: buttons.Speaker, doings: list[tuple[float, str]]
) -> None:
    session.execute(text("DELETE FROM button_intervals"))
    session.execute(text("UPDATE button_state SET health = 'unknown', heard_at = NULL, valid_until = NULL"))
    session.execute(text("DELETE FROM options WHERE name = 'intake'"))
    moment, hears = 0.0, True
    for later, doing in doings:
        if hears:
            listen(session, moment, moment + later)
        moment += later
        if doing == "heard":
            buttons.heard(session, button, at=at(moment), pressed=False)
        elif doing == "judged":
            judge_buttons(session, at(moment))
        else:
            hears = doing == "listening"
    found = stretches(session)
    for (health, _, until), (next_health, since, _) in pairwise(found):
        assert until == since
        assert health != next_health
    (state,) = session.execute(text("SELECT health FROM button_state")).scalars()
    assert not found or found[-1][0] == state
    assert all(until is None or since < until for _, since, until in found)
