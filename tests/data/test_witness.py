"""The intake's word that it listens: continuous while it comes often enough, begun anew after a break."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from data import witness

START = datetime(2026, 5, 1, tzinfo=UTC)


def test_nobody_listens_before_the_intake_says_so(session: Session) -> None:
    assert witness.listening_since(session, now=START) is None


@pytest.mark.parametrize(
    ("pause", "since"), [(timedelta(seconds=5), timedelta()), (timedelta(seconds=30), timedelta(seconds=30))]
)
def test_a_break_begins_the_time_of_listening_anew(session: Session, pause: timedelta, since: timedelta) -> None:
    witness.say_alive(session, now=START)
    witness.say_alive(session, now=START + pause)
    assert witness.listening_since(session, now=START + pause) == START + since


def test_a_word_that_is_too_old_is_silence(session: Session) -> None:
    witness.say_alive(session, now=START)
    assert witness.listening_since(session, now=START + witness.BREAK) is None
