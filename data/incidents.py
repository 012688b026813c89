"""Incident points: their kinds, counts per cell and period, and the points a heat surface is made of.

Few events in a small cell can point at one household. So a cell's count is told only from `least` events on, and
what is not told takes no part in the heat: neither the smoothing nor a total lets it be worked out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.sql import query

LEAST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which incidents are meant: a kind (None = all) in a period [start, end)."""

    kind: str | None
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatPoints:
    """Where incidents happened, lng-lat WGS-84, and how many at each place; three columns of one length."""

    lng: Sequence[float]
    lat: Sequence[float]
    count: Sequence[int]


def kinds(session: Session, *, least: int = LEAST) -> list[str]:
    """Return the kinds with at least `least` incidents inside the scope, the commonest first."""
    rows = session.execute(
        text("SELECT kind FROM incidents GROUP BY kind HAVING count(*) >= :least ORDER BY count(*) DESC, kind"),
        {"least": least},
    )
    return list(rows.scalars())


def span(session: Session, *, least: int = LEAST) -> tuple[datetime, datetime] | None:
    """Return when the first and the last incident inside the scope happened; None for fewer than `least`."""
    row = session.execute(text("SELECT min(at) AS first, max(at) AS last, count(*) AS events FROM incidents")).one()
    return (row.first, row.last) if row.events >= least else None


def counts(session: Session, wanted: Wanted, *, least: int = LEAST) -> list[dict[str, Any]]:
    """Return the count of every cell inside the scope; None where it is below `least`, whether 0 or 4."""
    rows = session.execute(query("incident_counts"), _parameters(wanted) | {"least": least}).mappings()
    return [dict(row) for row in rows]


def heat_points(session: Session, wanted: Wanted, *, least: int = LEAST) -> HeatPoints:
    """Return where the incidents of cells with at least `least` of them happened."""
    rows = session.execute(query("heat_points"), _parameters(wanted) | {"least": least}).all()
    lng, lat, count = zip(*rows, strict=True) if rows else ((), (), ())
    return HeatPoints(lng=lng, lat=lat, count=count)


def shown_cells(session: Session, wanted: Wanted, *, least: int = LEAST) -> Sequence[bytes]:
    """Return the boundaries (lng-lat WKB) of the cells whose count may be told; elsewhere no heat is drawn."""
    rows = session.execute(query("heat_cells"), _parameters(wanted) | {"least": least})
    return [bytes(row.wkb) for row in rows]


def stamp(session: Session) -> str:
    """Return what a heat tile depends on besides its place: the scope, the cells and the incidents."""
    return str(session.execute(text("SELECT tile_stamp(ARRAY['incidents', 'areas'])")).scalar_one())


def _parameters(wanted: Wanted) -> dict[str, Any]:
    return {"kind": wanted.kind, "start": wanted.start, "end": wanted.end}
