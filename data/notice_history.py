"""What happened in a time that somebody might have been told of, inside the scope of the session; for the preview."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.notices import StandingOutage
from data.sql import query


@dataclass(frozen=True, slots=True, kw_only=True)
class PastStretch:
    """A stretch of health of a camera."""

    camera_id: int
    since: datetime
    until: datetime | None
    health: str
    path: str
    monitor_class: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A time gone by; `is_whole` is False when more happened than was read."""

    stretches: tuple[PastStretch, ...]
    holds: tuple[tuple[int, datetime, datetime | None], ...]
    outages: tuple[StandingOutage, ...]
    is_whole: bool


def past(
    session: Session, *, since: datetime, until: datetime, healths: Sequence[str], least: timedelta, most: int
) -> Past:
    """Return what happened from `since` to `until`.

    Of cameras, those that were in one of `healths` for `least` or longer, at most `most` stretches of them.
    """
    asked = {"since": since, "until": until, "healths": list(healths), "least_s": least.total_seconds(), "most": most}
    # Few rows are sought by many at once: compiling the plan would take longer than reading.
    session.execute(text("SET LOCAL jit = off"))
    stretches = [PastStretch(**row) for row in session.execute(query("past_stretches"), asked).mappings()]
    return Past(
        stretches=tuple(stretches),
        holds=tuple((row[0], row[1], row[2]) for row in session.execute(query("past_holds"), asked)),
        outages=tuple(_outage(dict(row)) for row in session.execute(query("past_outages"), asked).mappings()),
        is_whole=len(stretches) < most,
    )


def _outage(row: dict[str, Any]) -> StandingOutage:
    return StandingOutage(**(row | {"classes": tuple(row["classes"])}))
