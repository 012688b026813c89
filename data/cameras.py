"""Cameras: the list with its filters, one record, its stretches and pictures, stream templates and sealed passwords."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data import completeness
from data.completeness import RecordRate
from data.records import CAMERAS
from data.records.cameras import CLASSES

Row = Mapping[str, Any]
# What the list may be ordered by, beside every field of the record.
_ORDERS = {
    "health": "array_position(ARRAY['offline','degraded','unknown','online'], h.health)",
    "since": "s.since",
    "checked_at": "s.checked_at",
    "area": "v.name",
    "fault": "s.fault",
    "missing": "cardinality({missing})",
}
STATE_COLUMNS = tuple(_ORDERS)
# Beyond this a page is reached by filtering, not by paging.
DEEPEST_ROW = 100_000
_FROM = """
    FROM cameras c JOIN camera_state s ON s.camera_id = c.id
    CROSS JOIN LATERAL (SELECT health_now(s.health, s.valid_until) AS health) h
    LEFT JOIN area_versions v ON v.area_id = c.area_id AND upper_inf(v.during)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which cameras are wanted; empty means any. `area` is an area's code, "-" what lies in none.

    `missing` is a field that the record lacks, "any" for incomplete records, "none" for complete ones.
    """

    words: str = ""
    health: str = ""
    record_state: str = ""
    monitor_class: int | None = None
    fault: str = ""
    area: str = ""
    missing: str = ""

    def as_arguments(self) -> dict[str, str]:
        """Return the filter as a page's address carries it."""
        pairs = {
            "q": self.words,
            "health": self.health,
            "state": self.record_state,
            "class": str(self.monitor_class or ""),
            "fault": self.fault,
            "area": self.area,
            "missing": self.missing,
        }
        return {name: value for name, value in pairs.items() if value}


def listed(
    session: Session, wanted: Filter, *, order: str = "code", descending: bool = False, limit: int, offset: int = 0
) -> list[Row]:
    """Return records with health, fault, since, the name of their area, and the fields they lack."""
    conditions, values = _conditions(session, wanted)
    missing = completeness.missing(completeness.rules(session))
    by = f"{_order(order).format(missing=missing)} {'DESC' if descending else 'ASC'} NULLS LAST, c.code"
    columns = ", ".join(f"c.{name}" for name in CAMERAS.columns())
    statement = (
        f"SELECT c.id, {columns}, ST_X(c.geom) AS lng, ST_Y(c.geom) AS lat, v.name AS area, h.health, s.checked_at,"
        f" {missing} AS missing, CASE WHEN h.health = s.health THEN s.fault END AS fault,"
        " CASE WHEN h.health = s.health THEN s.since ELSE coalesce(s.valid_until, s.since) END AS since"
        f" {_FROM} WHERE {conditions} ORDER BY {by}"
        " LIMIT :limit OFFSET :offset"
    )
    rows = session.execute(text(statement), values | {"limit": limit, "offset": offset})
    return [dict(row) for row in rows.mappings()]


def count_by_health(session: Session, wanted: Filter) -> dict[str, int]:
    """Return how many cameras of a filter have each health."""
    conditions, values = _conditions(session, wanted)
    rows = session.execute(
        text(f"SELECT h.health, count(*) AS cameras {_FROM} WHERE {conditions} GROUP BY h.health"),
        values,
    )
    return {row.health: row.cameras for row in rows}


def record_rates(session: Session, wanted: Filter) -> list[RecordRate]:
    """Return the record rate of every monitor class of a filter; dismantled cameras are left out."""
    conditions, values = _conditions(session, wanted)
    missing = completeness.missing(completeness.rules(session))
    rows = session.execute(
        text(
            f"SELECT coalesce(c.monitor_class, 0) AS monitor_class, {missing} AS missing, count(*) AS cameras {_FROM}"
            f" WHERE {conditions} AND c.record_state <> 'dismantled' GROUP BY 1, 2"
        ),
        values,
    ).all()
    return [
        completeness.rate(number, [(row.missing, row.cameras) for row in rows if row.monitor_class == number])
        for number in CLASSES
        if any(row.monitor_class == number for row in rows)
    ]


def for_export(session: Session, wanted: Filter) -> Iterator[Row]:
    """Yield every record of a filter with `wkb`, EPSG:4326, in the order of codes."""
    conditions, values = _conditions(session, wanted)
    columns = ", ".join(f"c.{name}" for name in CAMERAS.columns())
    statement = f"SELECT {columns}, ST_AsBinary(c.geom) AS wkb {_FROM} WHERE {conditions} ORDER BY c.code"
    for row in session.execute(text(statement), values).mappings():
        yield dict(row)


def codes(session: Session, wanted: Filter) -> list[str]:
    """Return the codes of a filter, in order."""
    conditions, values = _conditions(session, wanted)
    return list(session.scalars(text(f"SELECT c.code {_FROM} WHERE {conditions} ORDER BY c.code"), values))


def for_labels(session: Session, wanted: Filter, chosen: Sequence[str], *, limit: int) -> list[Row]:
    """Return code, name and area of the cameras of a filter, or of those chosen by code, in the order of codes."""
    conditions, values = _conditions(session, wanted)
    if chosen:
        conditions, values = f"{conditions} AND c.code = ANY (:codes)", values | {"codes": list(chosen)}
    statement = f"SELECT c.code, c.name, v.name AS area {_FROM} WHERE {conditions} ORDER BY c.code LIMIT :limit"
    return [dict(row) for row in session.execute(text(statement), values | {"limit": limit}).mappings()]


def next_serials(session: Session, prefix: str, wanted: int) -> list[int]:
    """Return the next free serial numbers of device codes that begin with 14 digits, whoever may see them."""
    found = session.scalars(text("SELECT next_device_serials(:prefix, :wanted)"), {"prefix": prefix, "wanted": wanted})
    return list(found)


def find(session: Session, code: str) -> Row | None:
    """Return one whole record with its state, or None when there is none inside the scope; never the password."""
    columns = ", ".join(f"c.{name}" for name in CAMERAS.columns())
    statement = (
        f"SELECT c.id, {columns}, c.version, c.changed_at, c.credential_version, c.path::text AS path, c.area_id,"
        " ST_X(c.geom) AS lng, ST_Y(c.geom) AS lat, area_crumbs(c.area_id) AS crumbs, h.health, s.checked_at,"
        " CASE WHEN h.health = s.health THEN s.fault END AS fault,"
        " CASE WHEN h.health = s.health THEN s.layer END AS layer,"
        " CASE WHEN h.health = s.health THEN s.since ELSE coalesce(s.valid_until, s.since) END AS since,"
        f" s.facts {_FROM} WHERE c.code = :code"
    )
    row = session.execute(text(statement), {"code": code}).mappings().one_or_none()
    return dict(row) if row else None


def pictures(session: Session, camera_id: int, *, at_most: int = 6) -> list[Row]:
    """Return the last pictures of a camera, the newest first."""
    rows = session.execute(
        text("SELECT id, at, width, height FROM snapshots WHERE camera_id = :id ORDER BY at DESC LIMIT :most"),
        {"id": camera_id, "most": at_most},
    )
    return [dict(row) for row in rows.mappings()]


def facts(session: Session, camera_id: int) -> Mapping[str, Any]:
    """Return what looks last found of a camera, at the resolution of data/facts.py; empty before the first."""
    found = session.execute(text("SELECT facts FROM camera_state WHERE camera_id = :id"), {"id": camera_id})
    return dict(found.scalar_one_or_none() or {})


def stream_templates(session: Session) -> Mapping[str, str]:
    """Return how recorders name the stream of a channel, by the vendor's name in small letters."""
    rows = session.execute(text("SELECT vendor, path_template FROM stream_templates"))
    return {row.vendor.casefold(): row.path_template for row in rows}


def sealed_passwords(session: Session, codes: Sequence[str]) -> Mapping[str, bytes]:
    """Return the sealed passwords of cameras that have one, by code; only the owner may ask."""
    rows = session.execute(
        text(
            "SELECT code, password_encrypted FROM cameras WHERE code = ANY(:codes) AND password_encrypted IS NOT NULL"
        ),
        {"codes": list(codes)},
    )
    return {row.code: bytes(row.password_encrypted) for row in rows}


def _order(wanted: str) -> str:
    if wanted in _ORDERS:
        return _ORDERS[wanted]
    return f"c.{wanted}" if wanted in CAMERAS.columns() else "c.code"


def _conditions(session: Session, wanted: Filter) -> tuple[str, dict[str, Any]]:
    """Return the condition of a filter and its values; only what is asked for is said, so that plans stay short."""
    said = {
        "words": (wanted.words, "(c.code || ' ' || c.name || ' ' || coalesce(c.address, '')) ILIKE :words"),
        "health": (wanted.health, "h.health = :health"),
        "record_state": (wanted.record_state, "c.record_state = :record_state"),
        "monitor_class": (wanted.monitor_class, "c.monitor_class = :monitor_class"),
        "fault": (wanted.fault, "s.fault = :fault AND h.health = s.health"),
        "area": (wanted.area, "c.path <@ (SELECT path FROM areas WHERE code = :area AND path <> '')"),
    }
    if wanted.area == "-":
        said["area"] = (wanted.area, "c.path = '' AND :area = '-'")
    if wanted.missing:
        lacks = completeness.missing(completeness.rules(session))
        said["missing"] = (wanted.missing, _LACKS.get(wanted.missing, ":missing = ANY ({})").format(lacks))
    asked = {name: value for name, (value, _) in said.items() if value}
    if wanted.words:
        asked["words"] = f"%{_escaped(wanted.words)}%"
    return " AND ".join(["true", *(said[name][1] for name in asked)]), asked


# Each names the value, so that every value that is given is used.
_LACKS = {"any": ":missing = 'any' AND cardinality({}) > 0", "none": ":missing = 'none' AND cardinality({}) = 0"}


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
