"""Ground where no camera may stand: drawn on the map, or around places of kinds that the law names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.errors import Missing
from data.plan_ground import Box

Row = Mapping[str, Any]

# Decree 799, article 8, and what stands beside it: rooms where people are treated, and secret units (article 9).
REASONS = (
    "lodging_room",
    "dormitory_room",
    "bathing_room",
    "toilet",
    "changing_room",
    "nursing_room",
    "fitting_room",
    "medical_room",
    "privacy",
    "secret_unit",
    "other",
)
MOST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbidden:
    """Forbidden ground as lng-lat WKB and why; `id` 0 for what is not stored yet."""

    id: int = 0
    name: str
    reason: str
    wkb: bytes


def inside(session: Session, box: Box) -> list[Forbidden]:
    """Return the drawn ground that touches a box."""
    rows = session.execute(
        text("SELECT * FROM plan_forbidden(ST_MakeEnvelope(:west, :south, :east, :north, 4326), :most)"),
        {"west": box.west, "south": box.south, "east": box.east, "north": box.north, "most": MOST},
    ).mappings()
    return [Forbidden(id=row["id"], name=row["name"], reason=row["reason"], wkb=bytes(row["wkb"])) for row in rows]


def kinds(session: Session) -> list[Row]:
    """Return the kinds of places around which no camera may stand: place_kind, reason, radius_m."""
    rows = session.execute(text("SELECT place_kind, reason, radius_m FROM forbidden_kinds ORDER BY reason, place_kind"))
    return [dict(row) for row in rows.mappings()]


def set_kind(session: Session, place_kind: str, *, reason: str, radius_m: float) -> None:
    """Forbid the ground around a kind of places, or change how."""
    session.execute(
        text(
            "INSERT INTO forbidden_kinds (place_kind, reason, radius_m) VALUES (:kind, :reason, :radius)"
            " ON CONFLICT (place_kind) DO UPDATE SET reason = excluded.reason, radius_m = excluded.radius_m"
        ),
        {"kind": place_kind, "reason": reason, "radius": radius_m},
    )


def drop_kind(session: Session, place_kind: str) -> None:
    """Forbid the ground around a kind of places no more. Raises Missing."""
    gone = session.execute(
        text("DELETE FROM forbidden_kinds WHERE place_kind = :kind RETURNING place_kind"), {"kind": place_kind}
    )
    if gone.one_or_none() is None:
        raise Missing("No such kind of places is forbidden.")


def add(session: Session, drawn: Sequence[Forbidden], *, account_id: int) -> list[int]:
    """Remember drawn ground and return its numbers, in order; each belongs to the area that holds its middle."""
    statement = text(
        "INSERT INTO forbidden_places (account_id, name, reason, geom, path)"
        " SELECT :account, :name, :reason, g.geom, coalesce((SELECT a.path FROM areas a"
        " WHERE a.id = area_at(ST_PointOnSurface(g.geom))), '')"
        " FROM (SELECT ST_GeomFromWKB(:wkb, 4326) AS geom) g RETURNING id"
    )
    return [
        int(
            session.execute(
                statement, {"account": account_id, "name": one.name, "reason": one.reason, "wkb": one.wkb}
            ).scalar_one()
        )
        for one in drawn
    ]


def remove(session: Session, ids: Sequence[int], *, at: datetime) -> int:
    """Put drawn ground away and return how many; `restore` takes it back out. Raises Missing for none."""
    return _put(session, ids, at=at, was="IS NULL")


def restore(session: Session, ids: Sequence[int]) -> int:
    """Take drawn ground back out that was put away, and return how many. Raises Missing for none."""
    return _put(session, ids, at=None, was="IS NOT NULL")


def _put(session: Session, ids: Sequence[int], *, at: datetime | None, was: str) -> int:
    moved = session.execute(
        text(
            "UPDATE forbidden_places SET removed_at = CAST(:at AS timestamptz)"  # noqa: S608  one of two words above
            f" WHERE id = ANY (:ids) AND removed_at {was} RETURNING id"
        ),
        {"ids": list(ids), "at": at},
    ).all()
    if not moved:
        raise Missing("There is no such forbidden ground, or it lies outside the areas granted to you.")
    return len(moved)
