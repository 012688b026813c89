"""What monitoring reads: how the prober and the queue are doing, and the health of the cameras of each town."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

Row = Mapping[str, Any]


def prober(session: Session) -> Row:
    """Return sums of looks, turns, faults, queues and probe sites; they tell of no camera and no area."""
    found: Row = session.execute(text("SELECT prober_numbers()")).scalar_one()
    return found


def by_area(session: Session) -> list[Row]:
    """Return how many cameras in use each town has of each health now, inside the scope; code "" for no town."""
    rows = session.execute(
        text(
            "WITH towns AS (SELECT code, path FROM areas WHERE level = 'town' AND NOT retired)"
            " SELECT coalesce(t.code, '') AS code, health_now(s.health, s.valid_until) AS health, count(*) AS cameras"
            " FROM cameras c JOIN camera_state s ON s.camera_id = c.id LEFT JOIN towns t ON c.path <@ t.path"
            " WHERE c.record_state = 'in_use' GROUP BY 1, 2 ORDER BY 1, 2"
        )
    )
    return [dict(row) for row in rows.mappings()]


def online_by_area(session: Session, month: date) -> list[Row]:
    """Return the seconds in line and known of each town in a month so far, inside the scope."""
    rows = session.execute(
        text(
            "WITH towns AS (SELECT code, path FROM areas WHERE level = 'town' AND NOT retired)"
            " SELECT coalesce(t.code, '') AS code, sum(h.good_s + h.bad_s + h.blocked_s)::bigint AS in_line_s,"
            " sum(h.good_s + h.bad_s + h.blocked_s + h.offline_s)::bigint AS known_s"
            " FROM health_month(:month) h JOIN cameras c ON c.id = h.camera_id LEFT JOIN towns t ON c.path <@ t.path"
            " GROUP BY 1 ORDER BY 1"
        ),
        {"month": month},
    )
    return [dict(row) for row in rows.mappings()]
