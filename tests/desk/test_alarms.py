"""The life of an alarm, as rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from data.types import AlarmState
from desk.alarms import MOVES, REFUSALS, Finding, Move, NotAllowed, after, is_offline


def test_every_state_and_move_is_either_allowed_or_refused_with_a_sentence() -> None:
    every = {(state, move) for state in AlarmState for move in Move}
    assert set(MOVES) | set(REFUSALS) == every
    assert not set(MOVES) & set(REFUSALS)


def test_an_alarm_is_acknowledged_and_then_closed_with_a_finding() -> None:
    assert after(AlarmState.ACTIVE, Move.ACKNOWLEDGE) is AlarmState.ACKNOWLEDGED
    assert after(AlarmState.ACKNOWLEDGED, Move.CLOSE, finding=Finding.FALSE) is AlarmState.CLOSED


def test_nothing_closes_without_a_finding() -> None:
    with pytest.raises(NotAllowed, match="turned out"):
        after(AlarmState.ACKNOWLEDGED, Move.CLOSE)


def test_an_alarm_nobody_acknowledged_cannot_be_closed() -> None:
    with pytest.raises(NotAllowed, match="Acknowledge"):
        after(AlarmState.ACTIVE, Move.CLOSE, finding=Finding.REAL)


@given(silent=some.floats(0, 1e6), beat=some.floats(1, 600), witnessed=some.floats(0, 1e6))
def test_silence_that_nobody_witnessed_never_makes_a_button_offline(
    silent: float, beat: float, witnessed: float
) -> None:
    if is_offline(silent_s=silent, heartbeat_s=beat, witnessed_s=witnessed):
        assert witnessed > 2 * beat
        assert silent > 2 * beat


def test_two_missed_heartbeats_make_a_button_offline() -> None:
    assert is_offline(silent_s=133, heartbeat_s=60, witnessed_s=1e9)
    assert not is_offline(silent_s=119, heartbeat_s=60, witnessed_s=1e9)
