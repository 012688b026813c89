"""Facts of the past and the stretches they became, read to be judged again and written as they are told now."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.sql import as_json, query
from data.types import Fault, Health, Interval, Layer


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is stored of one camera in a period: its facts in order of time, the last before it first."""

    camera_id: int
    code: str
    monitor_class: int | None
    facts: tuple[tuple[datetime, dict[str, Any]], ...]


def pasts(session: Session, *, since: datetime, until: datetime) -> Iterator[Past]:
    """Yield every camera that has facts in [since, until)."""
    rows = session.execute(query("stored_facts"), {"since": since, "until": until}).mappings()
    for camera_id, of_one in groupby(rows, key=lambda row: row["camera_id"]):
        listed = list(of_one)
        yield Past(
            camera_id=camera_id,
            code=listed[0]["code"],
            monitor_class=listed[0]["monitor_class"],
            facts=tuple((row["at"], row["facts"]) for row in listed),
        )


def stretches(session: Session, camera_id: int, *, since: datetime, until: datetime) -> list[Interval]:
    """Return the closed stretches of health that lie wholly within a period.

    The open one is left to the next look, which judges it by the thresholds of then.
    """
    rows = session.execute(
        text(
            "SELECT health, fault, layer, lower(during) AS since, upper(during) AS until FROM health_intervals"
            " WHERE camera_id = :id AND during <@ tstzrange(:since, :until) AND NOT upper_inf(during) ORDER BY 4"
        ),
        {"id": camera_id, "since": since, "until": until},
    )
    return [
        Interval(
            since=row.since,
            until=row.until,
            health=Health(row.health),
            fault=Fault(row.fault) if row.fault else None,
            layer=Layer(row.layer) if row.layer else None,
        )
        for row in rows
    ]


def tell_anew(session: Session, camera_id: int, old: Interval, new: Sequence[Interval]) -> None:
    """Put the pieces of a stretch in its place; area and path stay those of its time."""
    session.execute(
        query("tell_anew"),
        {"id": camera_id, "since": old.since, "until": old.until, "rows": as_json([asdict(piece) for piece in new])},
    )
