"""Maintenance windows: times in which cameras are worked on, left out of rates and of what is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data import events
from data.errors import Refusal
from data.sql import query

Row = Mapping[str, Any]

REPEATS = {"never": None, "weekly": timedelta(days=7), "monthly": timedelta(days=28)}
LONGEST = timedelta(days=366)
# What a window may be for, and how it is found by what somebody wrote.
_PLACES = {
    "camera": "SELECT id, path::text AS path, name FROM cameras WHERE code = :written OR name = :written ORDER BY code",
    "area": "SELECT a.id, a.path::text AS path, v.name FROM areas a JOIN area_versions v ON v.area_id = a.id"
    " AND upper_inf(v.during) WHERE NOT a.retired AND (a.code = :written OR v.name = :written) ORDER BY a.code",
    "link": "SELECT id, path::text AS path, name FROM links WHERE name = :written",
}
KINDS = tuple(_PLACES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a window is for: a camera, all of an area or all behind a link."""

    kind: str
    id: int
    path: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """When a window is: its first turn, how it repeats, and from when on no more; local times of `timezone`."""

    starts_at: datetime
    ends_at: datetime
    timezone: str
    repeats: str = "never"
    ended_at: datetime | None = None


def place(session: Session, kind: str, written: str) -> Place:
    """Return what somebody means by a code or name. Raises Refusal when it is not one thing of the scope."""
    found = session.execute(text(_PLACES[kind]), {"written": written}).all()
    if not found:
        raise Refusal("%(written)s is not known here.", field="place", written=written)
    if len(found) > 1:
        raise Refusal("%(written)s is the name of several; write its code.", field="place", written=written)
    return Place(kind=kind, id=found[0].id, path=found[0].path, name=found[0].name)


def add(session: Session, of: Place, turns: Turns, *, reason: str, account_id: int | None) -> int:
    """Make a window and return its number; open pages are told. Raises Refusal for turns that cannot be."""
    lasting, step = turns.ends_at - turns.starts_at, REPEATS[turns.repeats]
    if lasting <= timedelta(0):
        raise Refusal("The end must come after the start.", field="ends_at")
    if lasting > (step or LONGEST):
        raise Refusal("A turn must be over before the next one begins, and within a year.", field="ends_at")
    if turns.ended_at is not None and turns.ended_at <= turns.starts_at:
        raise Refusal("The repetition must end after the start.", field="until")
    added = session.execute(
        text(
            "INSERT INTO maintenance_windows (camera_id, area_id, link_id, path, starts_at, ends_at, repeats, timezone,"
            " ended_at, reason, account_id) VALUES (:camera, :area, :link, CAST(:path AS ltree), :starts, :ends,"
            " :repeats, :timezone, :ended, :reason, :account) RETURNING id"
        ),
        {kind: of.id if of.kind == kind else None for kind in KINDS}
        | {
            "path": of.path,
            "starts": turns.starts_at,
            "ends": turns.ends_at,
            "repeats": turns.repeats,
            "timezone": turns.timezone,
            "ended": turns.ended_at,
            "reason": reason,
            "account": account_id,
        },
    ).scalar_one()
    _tell(session, added, of.path)
    return int(added)


def end(session: Session, window_id: int, *, now: datetime) -> str | None:
    """End a window at `now`, the turn that runs and all that would follow; return what it was for, None if not ours."""
    row = session.execute(
        text(
            "UPDATE maintenance_windows SET ended_at = :now WHERE id = :id AND (ended_at IS NULL OR ended_at > :now)"
            " RETURNING path::text AS path, reason"
        ),
        {"id": window_id, "now": now},
    ).one_or_none()
    if row is None:
        return None
    _tell(session, window_id, row.path)
    return str(row.reason)


def listed(session: Session, *, now: datetime, is_over: bool = False, limit: int = 200) -> list[Row]:
    """Return windows that run or will, the soonest first, or those that are over, the latest first.

    `turn` is the one that runs at `now` or comes next, None for none.
    """
    rows = session.execute(query("maintenance_listed"), {"now": now, "over": is_over, "limit": limit}).mappings()
    return [dict(row) for row in rows]


def tell_turns(session: Session, *, since: datetime, until: datetime) -> int:
    """Tell open pages of turns that began or ended in (since, until]; return how many windows those are of."""
    found = session.execute(query("maintenance_turned"), {"since": since, "until": until}).all()
    for row in found:
        _tell(session, row.id, row.path)
    return len(found)


def _tell(session: Session, window_id: int, path: str) -> None:
    events.announce(session, "maintenance", path=path, body={"id": window_id})
