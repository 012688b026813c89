"""Rows as files want them: every field of a record and the geometry, in the order of codes."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.errors import Missing
from data.records import Record

_INSIDE = "t.path <@ CAST(:scope AS ltree)"
_ROAD_INSIDE = "t.paths <@ CAST(:scope AS ltree)"


def path_of(session: Session, code: str) -> str:
    """Return the path of an area by its code. Raises Missing."""
    path = session.execute(text("SELECT path::text FROM areas WHERE code = :code"), {"code": code}).scalar()
    if not path:
        raise Missing("There is no area with the code %(code)s.", code=code)
    return str(path)


def rows(session: Session, record: Record, *, within: str = "") -> Iterator[dict[str, Any]]:
    """Yield every row of a kind inside an area path, '' for all: fields by name and `wkb`, EPSG:4326 or None."""
    statement = _areas() if record.kind == "areas" else _flat(record)
    for row in session.execute(text(statement), {"scope": within}).mappings():
        yield dict(row)


def _flat(record: Record) -> str:
    columns = ", ".join(f"t.{name}" for name in record.columns())
    inside = _ROAD_INSIDE if record.kind == "roads" else _INSIDE
    return (
        f"SELECT {columns}, ST_AsBinary(t.geom) AS wkb FROM {record.table} t"  # noqa: S608  names from the records
        f" WHERE CAST(:scope AS ltree) = '' OR {inside} ORDER BY t.code"
    )


def _areas() -> str:
    """Every area with its boundary of today, its parent and its first post."""
    return (
        "SELECT t.code, v.name, t.level, above.code AS parent, p.name AS post_name, p.unit, p.duties, p.staffed,"  # noqa: S608
        " p.duty_line, ST_AsBinary(v.boundary) AS wkb"
        " FROM areas t JOIN area_versions v ON v.area_id = t.id AND upper_inf(v.during)"
        " LEFT JOIN areas above ON above.id = v.parent_id"
        " LEFT JOIN LATERAL (SELECT * FROM posts WHERE area_id = t.id ORDER BY name LIMIT 1) p ON true"
        f" WHERE NOT t.retired AND (CAST(:scope AS ltree) = '' OR {_INSIDE}) ORDER BY nlevel(t.path), t.code"
    )
