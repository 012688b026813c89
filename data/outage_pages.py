"""What pages show of outages, inside the scope of the session: open and past ones, one of them, and its members."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.sql import query
from data.types import OutageCause

Row = Mapping[str, Any]


def listed(session: Session, *, is_open: bool, limit: int = 50, offset: int = 0) -> list[Row]:
    """Return open outages, or past ones, newest first; counts are of the members inside the scope.

    Those that turned out to be part of a wider one are left out.
    """
    rows = session.execute(
        query("outages_listed"), {"open": is_open, "id": None, "limit": limit, "offset": offset}
    ).mappings()
    return [dict(row) for row in rows]


def one(session: Session, outage_id: int) -> Row | None:
    """Return one outage, or None when nothing of it lies inside the scope."""
    row = (
        session.execute(query("outages_listed"), {"open": None, "id": outage_id, "limit": 1, "offset": 0})
        .mappings()
        .one_or_none()
    )
    return dict(row) if row else None


def members(session: Session, outage_id: int, *, limit: int, offset: int = 0) -> list[Row]:
    """Return members of an outage, those still lost first."""
    rows = session.execute(
        text(
            "SELECT c.code, c.name, m.since, m.until, area_crumbs(c.area_id) AS crumbs,"
            " health_now(s.health, s.valid_until) AS health"
            " FROM outage_members m JOIN cameras c ON c.id = m.camera_id JOIN camera_state s ON s.camera_id = c.id"
            " WHERE m.outage_id = :id ORDER BY m.until IS NOT NULL, m.since, c.code LIMIT :limit OFFSET :offset"
        ),
        {"id": outage_id, "limit": limit, "offset": offset},
    ).mappings()
    return [dict(row) for row in rows]


def set_cause(session: Session, outage_id: int, cause: OutageCause, note: str) -> bool:
    """Write why an outage was; False when it is not inside the scope as a whole."""
    changed = session.execute(
        text("UPDATE outages SET cause = :cause, note = :note WHERE id = :id RETURNING id"),
        {"id": outage_id, "cause": cause, "note": note},
    )
    return changed.one_or_none() is not None
