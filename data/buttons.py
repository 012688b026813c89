"""One-key alarm buttons: finding one for its signal, and what is known of their health."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data import secrets

BUTTON_SECRET = "button-secret"  # noqa: S105  a purpose, no secret
# How many heartbeats a word holds before it expires.
HELD_BEATS = 2.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """A button as the intake needs it: who it is and the secret it signs with."""

    id: int
    code: str
    area_id: int | None
    path: str
    heartbeat_s: float
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """A button whose word expired: since when, and how often it should speak."""

    id: int
    code: str
    path: str
    heard_at: datetime
    valid_until: datetime
    heartbeat_s: float
    health: str


def speaker(session: Session, code: str) -> Speaker | None:
    """Return the button of `code` that is in use and has a secret, or None."""
    row = session.execute(
        text(
            "SELECT id, code, area_id, path::text, heartbeat_s, secret_encrypted FROM buttons"
            " WHERE code = :code AND record_state = 'in_use' AND secret_encrypted IS NOT NULL"
        ),
        {"code": code},
    ).one_or_none()
    if row is None:
        return None
    return Speaker(
        id=row.id,
        code=row.code,
        area_id=row.area_id,
        path=row.path,
        heartbeat_s=row.heartbeat_s,
        secret=secrets.decrypt(row.secret_encrypted, purpose=BUTTON_SECRET),
    )


def set_secret(session: Session, code: str, secret: str) -> None:
    """Store the secret a button signs with, encrypted."""
    session.execute(
        text("UPDATE buttons SET secret_encrypted = :sealed WHERE code = :code"),
        {"sealed": secrets.encrypt(secret, purpose=BUTTON_SECRET), "code": code},
    )


def heard(session: Session, button: Speaker, *, at: datetime, pressed: bool) -> bool:
    """Note that a button spoke; return whether that changed its health.

    A silence that nobody wrote down before is written first: what expired is never passed off as health.
    """
    was = session.execute(
        text(
            "SELECT health, CASE WHEN health = 'online' AND valid_until < :at THEN valid_until END AS silent_since"
            " FROM button_state WHERE button_id = :id FOR UPDATE"
        ),
        {"id": button.id, "at": at},
    ).one()
    if was.silent_since is not None:
        turn(session, button.id, path=button.path, at=was.silent_since, health="unknown", fault=None)
    changed = was.silent_since is not None or str(was.health) != "online"
    session.execute(
        text(
            "UPDATE button_state SET heard_at = :at, valid_until = CAST(:at AS timestamptz) + :held,"
            " pressed_at = CASE WHEN :pressed THEN :at ELSE pressed_at END,"
            " since = CASE WHEN :changed THEN :at ELSE since END, health = 'online', fault = NULL WHERE button_id = :id"
        ),
        {
            "id": button.id,
            "at": at,
            "held": timedelta(seconds=button.heartbeat_s * HELD_BEATS),
            "pressed": pressed,
            "changed": changed,
        },
    )
    if changed:
        turn(session, button.id, path=button.path, at=at, health="online", fault=None)
    return changed


def turn(session: Session, button_id: int, *, path: str, at: datetime, health: str, fault: str | None) -> None:
    """End the open stretch of a button's health at `at` and begin another."""
    who = {"id": button_id, "at": at}
    session.execute(
        text(
            "UPDATE button_intervals SET during = tstzrange(lower(during), :at)"
            " WHERE button_id = :id AND upper_inf(during) AND lower(during) < :at"
        ),
        who,
    )
    session.execute(
        text(
            "INSERT INTO button_intervals (button_id, path, health, fault, during)"
            " SELECT :id, CAST(:path AS ltree), :health, :fault, tstzrange(:at, NULL) WHERE NOT EXISTS"
            " (SELECT FROM button_intervals WHERE button_id = :id AND upper_inf(during))"
        ),
        {**who, "path": path, "health": health, "fault": fault},
    )


def silent(session: Session, *, now: datetime) -> list[Silent]:
    """Return buttons in use whose last word expired and whose silence is not settled as offline."""
    rows = session.execute(
        text(
            "SELECT s.button_id AS id, b.code, s.path::text, s.heard_at, s.valid_until, b.heartbeat_s, s.health"
            " FROM button_state s JOIN buttons b ON b.id = s.button_id"
            " WHERE s.valid_until <= :now AND s.health <> 'offline' AND b.record_state = 'in_use'"
            " FOR UPDATE OF s SKIP LOCKED"
        ),
        {"now": now},
    ).mappings()
    return [Silent(**row) for row in rows]


def settle(session: Session, button: Silent, *, health: str, fault: str | None, since: datetime) -> None:
    """Write what a button's silence means, from `since` on."""
    session.execute(
        text(
            "UPDATE button_state SET health = :health, fault = :fault, since = :since,"
            # Offline is a verdict and holds until the button speaks; unknown is the lack of one.
            " valid_until = CASE WHEN :health = 'offline' THEN 'infinity' ELSE valid_until END WHERE button_id = :id"
        ),
        {"id": button.id, "health": health, "fault": fault, "since": since},
    )
    turn(session, button.id, path=button.path, at=since, health=health, fault=fault)


def one(session: Session, code: str) -> dict[str, Any] | None:
    """Return a button inside the scope, or None."""
    row = session.execute(text("SELECT id, code, name, place FROM buttons WHERE code = :code"), {"code": code})
    found = row.mappings().one_or_none()
    return dict(found) if found else None


def listing(session: Session) -> list[dict[str, Any]]:
    """Return every button inside the scope with its health, worst first."""
    rows = session.execute(
        text(
            "SELECT b.id, b.code, b.name, b.place, b.duty_line, b.record_state, b.heartbeat_s,"
            " area_crumbs(b.area_id) AS crumbs, ST_X(b.geom) AS lng, ST_Y(b.geom) AS lat,"
            " health_now(s.health, s.valid_until) AS health, s.fault, s.heard_at, s.pressed_at, s.since"
            " FROM buttons b JOIN button_state s ON s.button_id = b.id"
            " ORDER BY array_position(ARRAY['offline','unknown','degraded','online'],"
            " health_now(s.health, s.valid_until)), b.code"
        )
    ).mappings()
    return [dict(row) for row in rows]
