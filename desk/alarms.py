"""What may happen next to an alarm: pure rules, no clock and no database.

An alarm is active until an operator acknowledges it, and closed only with a finding. A further press of the same
button while its alarm is open is counted on that alarm; after it was closed, a press raises a new one.
"""

from collections.abc import Mapping
from enum import StrEnum

from data.types import AlarmState


class Move(StrEnum):
    """What an operator can do with an alarm."""

    ACKNOWLEDGE = "acknowledge"
    CLOSE = "close"


class Finding(StrEnum):
    """What an alarm turned out to be."""

    REAL = "real"
    FALSE = "false"
    DRILL = "drill"
    TEST = "test"
    DEVICE_FAULT = "device_fault"


class NotAllowed(Exception):
    """The move does not fit the state of the alarm; the message says what to do instead."""


MOVES: Mapping[tuple[AlarmState, Move], AlarmState] = {
    (AlarmState.ACTIVE, Move.ACKNOWLEDGE): AlarmState.ACKNOWLEDGED,
    (AlarmState.ACKNOWLEDGED, Move.CLOSE): AlarmState.CLOSED,
}

REFUSALS: Mapping[tuple[AlarmState, Move], str] = {
    (AlarmState.ACTIVE, Move.CLOSE): "Acknowledge the alarm first, then close it with a finding.",
    (AlarmState.ACKNOWLEDGED, Move.ACKNOWLEDGE): "Somebody has acknowledged this alarm already.",
    (AlarmState.CLOSED, Move.ACKNOWLEDGE): "This alarm is closed. A new press raises a new one.",
    (AlarmState.CLOSED, Move.CLOSE): "This alarm is closed already.",
}


def after(state: AlarmState, move: Move, *, finding: Finding | None = None) -> AlarmState:
    """Return the state after `move`; raise NotAllowed with a sentence where it does not fit.

    Closing needs a finding: nothing closes without saying what it was.
    """
    if (state, move) not in MOVES:
        raise NotAllowed(REFUSALS[state, move])
    if move is Move.CLOSE and finding is None:
        raise NotAllowed("Choose what the alarm turned out to be before closing it.")
    return MOVES[state, move]


def is_offline(*, silent_s: float, heartbeat_s: float, witnessed_s: float, missed: int = 2) -> bool:
    """Say whether a button that was silent for `silent_s` is offline rather than unknown.

    Only silence that the intake was there to witness counts: after the intake itself was down,
    nobody knows whether the button spoke. A fifth of a heartbeat is granted for the way.
    """
    return min(silent_s, witnessed_s) > (missed + 0.2) * heartbeat_s
