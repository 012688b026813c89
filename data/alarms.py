"""Signals and the alarms they raise: durable before they are answered, altered by nobody."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from data import events
from data.buttons import Speaker
from data.sql import query


class Replayed(Exception):
    """A signal with this nonce was received before."""


def keep_signal(
    session: Session, button: Speaker, *, kind: str, nonce: str, sent_at: datetime, way: str, body: Mapping[str, Any]
) -> None:
    """Store a signal as it came; raise Replayed when its nonce was used before."""
    try:
        with session.begin_nested():
            session.execute(
                query("keep_signal"),
                {
                    "button": button.id,
                    "path": button.path,
                    "kind": kind,
                    "nonce": nonce,
                    "sent_at": sent_at,
                    "way": way,
                    "body": events.as_json(body),
                },
            )
    except IntegrityError as error:
        raise Replayed(nonce) from error


def raise_alarm(session: Session, button: Speaker, *, at: datetime) -> int:
    """Raise an alarm for a press, or count the press on the one that is open; return its number."""
    row = session.execute(query("raise_alarm"), {"button": button.id, "at": at}).one()
    note_step(session, row.id, path=button.path, step="raised" if row.presses == 1 else "pressed_again")
    events.announce(session, "alarm", path=button.path, body={"id": row.id, "state": row.state})
    return int(row.id)


def note_step(
    session: Session, alarm_id: int, *, path: str, step: str, account_id: int | None = None, note: str = ""
) -> None:
    """Add a step to the life of an alarm; steps are never changed."""
    session.execute(
        text(
            "INSERT INTO alarm_steps (alarm_id, path, account_id, step, note)"
            " VALUES (:alarm, CAST(:path AS ltree), :account, :step, :note)"
        ),
        {"alarm": alarm_id, "path": path, "account": account_id, "step": step, "note": note},
    )


def state_of(session: Session, alarm_id: int) -> tuple[str, str] | None:
    """Return the state and the path of an alarm inside the scope, or None."""
    row = session.execute(text("SELECT state, path::text FROM alarms WHERE id = :id"), {"id": alarm_id}).one_or_none()
    return (row.state, row.path) if row else None


def acknowledge(session: Session, alarm_id: int, *, account_id: int, at: datetime) -> bool:
    """Mark an active alarm as acknowledged; False when somebody was faster."""
    path = session.execute(
        text(
            "UPDATE alarms SET state = 'acknowledged', acknowledged_at = :at, acknowledged_by = :account"
            " WHERE id = :id AND state = 'active' RETURNING path::text"
        ),
        {"id": alarm_id, "account": account_id, "at": at},
    ).scalar_one_or_none()
    return _moved(session, alarm_id, path, state="acknowledged", account_id=account_id)


def close(session: Session, alarm_id: int, *, account_id: int, at: datetime, finding: str, note: str) -> bool:
    """Close an acknowledged alarm with its finding; False when somebody was faster."""
    path = session.execute(
        text(
            "UPDATE alarms SET state = 'closed', closed_at = :at, closed_by = :account, finding = :finding,"
            " finding_note = :note WHERE id = :id AND state = 'acknowledged' RETURNING path::text"
        ),
        {"id": alarm_id, "account": account_id, "at": at, "finding": finding, "note": note},
    ).scalar_one_or_none()
    return _moved(session, alarm_id, path, state="closed", account_id=account_id, note=f"{finding} {note}".strip())


def _moved(session: Session, alarm_id: int, path: str | None, *, state: str, account_id: int, note: str = "") -> bool:
    if path is None:
        return False
    note_step(session, alarm_id, path=path, step=state, account_id=account_id, note=note)
    events.announce(session, "alarm", path=path, body={"id": alarm_id, "state": state})
    return True


def open_alarms(session: Session) -> list[dict[str, Any]]:
    """Return the open alarms inside the scope, the longest unanswered first, with what an operator must know."""
    return [dict(row) for row in session.execute(query("open_alarms")).mappings()]


def cameras_seeing(session: Session, *, lng: float, lat: float, at_most: int = 4) -> list[dict[str, Any]]:
    """Return working cameras for a place: those whose view holds it first, best picture first, then near ones.

    `sees` says which it is; a camera that is only near, within 150 m, may look away. lng-lat, WGS-84.
    """
    rows = session.execute(query("cameras_seeing"), {"lng": lng, "lat": lat, "at_most": at_most}).mappings()
    return [dict(row) for row in rows]


def cameras_to_look_at(session: Session, alarm_id: int) -> list[int]:
    """Return the cameras whose view holds the place of an alarm, so that fresh pictures can be taken."""
    return list(
        session.execute(
            text(
                "SELECT v.camera_id FROM alarms a JOIN camera_views v ON ST_Intersects(v.geom, a.geom)"
                " WHERE a.id = :id LIMIT 8"
            ),
            {"id": alarm_id},
        ).scalars()
    )


def history(session: Session, *, at_most: int = 200) -> list[dict[str, Any]]:
    """Return the latest alarms inside the scope, newest first."""
    rows = session.execute(
        text(
            "SELECT a.id, b.code, b.name, b.place, a.state, a.raised_at, a.presses, a.acknowledged_at, a.closed_at,"
            " a.finding, a.finding_note, k.login AS acknowledged_by, c.login AS closed_by FROM alarms a"
            " JOIN buttons b ON b.id = a.button_id LEFT JOIN accounts k ON k.id = a.acknowledged_by"
            " LEFT JOIN accounts c ON c.id = a.closed_by ORDER BY a.raised_at DESC LIMIT :at_most"
        ),
        {"at_most": at_most},
    ).mappings()
    return [dict(row) for row in rows]
