"""Since when the alarm intake has been listening without a break: only witnessed silence says anything."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

# The intake says that it is alive this often; a longer break is a break.
EVERY_S = 5.0
BREAK = timedelta(seconds=20)


def say_alive(session: Session, *, now: datetime) -> None:
    """Note that the intake is listening; a break before starts its time anew."""
    session.execute(
        text(
            "INSERT INTO options AS o (name, value)"
            " SELECT 'intake', jsonb_build_object('since', said.at, 'at', said.at)"
            " FROM (SELECT CAST(:now AS timestamptz) AS at) said"
            " ON CONFLICT (name) DO UPDATE"
            " SET changed_at = now(), value = excluded.value || jsonb_build_object('since',"
            " CASE WHEN (o.value ->> 'at')::timestamptz > CAST(:now AS timestamptz) - CAST(:break AS interval)"
            " THEN o.value -> 'since' ELSE excluded.value -> 'since' END)"
        ),
        {"now": now, "break": BREAK},
    )


def listening_since(session: Session, *, now: datetime) -> datetime | None:
    """Return since when the intake has been listening without a break, or None when it is not."""
    return session.execute(
        text(
            "SELECT (value ->> 'since')::timestamptz FROM options WHERE name = 'intake'"
            " AND (value ->> 'at')::timestamptz > CAST(:now AS timestamptz) - CAST(:break AS interval)"
        ),
        {"now": now, "break": BREAK},
    ).scalar_one_or_none()
