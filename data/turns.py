"""Whose turn it is to be looked at: booked by data/sql/take_due.sql, changed and restored here."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session


def ask_for_look(session: Session, camera_ids: Sequence[int]) -> None:
    """Put these cameras before all others; the next round looks at them and takes a picture."""
    session.execute(
        text("UPDATE look_turns SET next_check_at = '-infinity' WHERE camera_id = ANY (:ids)"),
        {"ids": list(camera_ids)},
    )


def book(session: Session, again: Mapping[int, datetime]) -> None:
    """Book these cameras for other times than their turn; what somebody asked for meanwhile stays first."""
    if again:
        session.execute(
            text(
                "UPDATE look_turns t SET next_check_at = r.at"
                " FROM unnest(CAST(:ids AS bigint[]), CAST(:times AS timestamptz[])) AS r(camera_id, at)"
                " WHERE t.camera_id = r.camera_id AND t.next_check_at <> '-infinity'"
            ),
            {"ids": list(again), "times": list(again.values())},
        )


def hold(session: Session, recorders: Iterable[str], *, until: datetime) -> None:
    """Say that these recorders are being looked at, so that nobody else opens a session there."""
    _set_busy(session, recorders, until)


def release(session: Session, recorders: Iterable[str]) -> None:
    """Let others look at these recorders again."""
    _set_busy(session, recorders, None)


def restore(session: Session, *, every_s: float) -> int:
    """Give a turn within `every_s` to each camera that should have one and has none; return how many that were.

    The table of turns is empty after a crash of the database, because it is not logged.
    """
    return int(session.execute(text("SELECT restore_turns(:every_s)"), {"every_s": every_s}).scalar_one())


def _set_busy(session: Session, recorders: Iterable[str], until: datetime | None) -> None:
    named = sorted(set(recorders))
    if named:
        session.execute(
            text(
                "UPDATE recorder_turns SET busy_until = coalesce(CAST(:until AS timestamptz), '-infinity')"
                " WHERE recorder = ANY (:named)"
            ),
            {"named": named, "until": until},
        )
