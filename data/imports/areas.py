"""Areas of a file on their way into the tree: numbered, compared with the boundaries of today, written as versions.

A changed boundary, name or parent ends the present version and begins a new one at the time of the import; an
unchanged row makes none. What lies inside changed boundaries is placed anew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.imports.staging import Comparison, copy


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An area as it stands in the database, as far as the session may see it."""

    id: int
    code: str
    level: str
    path: str
    parent_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One area of a file, with the number it has or gets. `parent_given` False leaves a stored parent alone."""

    row: int
    id: int
    code: str
    code_generated: bool
    level: str
    name: str | None
    parent_id: int | None
    parent_given: bool
    path: str
    boundary: str | None
    post_name: str | None = None
    unit: str | None = None
    duties: tuple[str, ...] | None = None
    staffed: bool | None = None
    duty_line: str | None = None


_COLUMNS = ("row", "id", "code", "code_generated", "level", "name", "parent_id", "parent_given", "path", "boundary",
            "post_name", "unit", "duties", "staffed", "duty_line")  # fmt: skip


def known(session: Session) -> dict[str, Known]:
    """Return every area the session may see, by code."""
    rows = session.execute(
        text(
            "SELECT a.id, a.code, a.level, a.path::text, v.parent_id FROM areas a"
            " LEFT JOIN area_versions v ON v.area_id = a.id AND upper_inf(v.during)"
        )
    )
    return {
        row.code: Known(id=row.id, code=row.code, level=row.level, path=row.path, parent_id=row.parent_id)
        for row in rows
    }


def boundaries(session: Session, level: str) -> list[tuple[str, bytes]]:
    """Return code and boundary (WKB, EPSG:4326) of the areas of one level that have one, ordered by code."""
    rows = session.execute(
        text(
            "SELECT a.code, ST_AsBinary(v.boundary) AS wkb FROM areas a JOIN area_versions v ON v.area_id = a.id"
            " WHERE upper_inf(v.during) AND v.boundary IS NOT NULL AND a.level = :level ORDER BY a.code"
        ),
        {"level": level},
    )
    return [(row.code, bytes(row.wkb)) for row in rows]


def new_numbers(session: Session, count: int) -> list[int]:
    """Return numbers for areas that are new."""
    return list(
        session.scalars(
            text("SELECT nextval(pg_get_serial_sequence('areas', 'id')) FROM generate_series(1, :count)"),
            {"count": count},
        )
    )


def settle(session: Session, rows: Iterable[Row]) -> Comparison:
    """Stage the rows and return what writing them would change."""
    session.execute(text("DROP TABLE IF EXISTS pg_temp.incoming_areas"))
    session.execute(text(_STAGE))
    copy(session, "incoming_areas", _COLUMNS, (_values(row) for row in rows))
    session.execute(text(_COMPARE))
    session.execute(text(_COMPARE_POSTS))
    return count(session)


def count(session: Session) -> Comparison:
    """Return what writing the staged rows would change."""
    counted = session.execute(
        text(
            "SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new AND (moved OR post_changed)),"
            " count(*) FILTER (WHERE NOT is_new AND NOT moved AND NOT post_changed) FROM incoming_areas"
        )
    ).one()
    return Comparison(added=counted[0], updated=counted[1], unchanged=counted[2])


def outside(session: Session) -> list[int]:
    """Return the rows that would lie outside the areas of the session's account."""
    return list(
        session.scalars(
            text("SELECT row FROM incoming_areas WHERE NOT path <@ ANY ((SELECT scope_paths())::ltree[]) ORDER BY row")
        )
    )


def leave_out(session: Session, rows: Sequence[int]) -> None:
    """Take rows out of the staged ones."""
    session.execute(text("DELETE FROM incoming_areas WHERE row = ANY(:rows)"), {"rows": list(rows)})


def touched(session: Session) -> list[str]:
    """Return the paths of the areas that were added or changed, as they are after `write`."""
    return list(
        session.scalars(
            text(
                "SELECT a.path::text FROM incoming_areas i JOIN areas a ON a.id = i.id"
                " WHERE i.is_new OR i.moved OR i.post_changed ORDER BY 1 LIMIT 1000"
            )
        )
    )


def write(session: Session, *, at: datetime) -> None:
    """Write what is new or changed, then bring paths and places up to date."""
    changed = session.execute(text(_EXTENT)).scalar()
    for step in (_ADD, _LEVELS, _REPLACE_SAME_INSTANT, _CLOSE, _OPEN, _POSTS):
        session.execute(text(step), _fitting(step, at))
    session.execute(text("SELECT refresh_paths()"))
    if changed is not None:
        session.execute(text("SELECT place_again(CAST(:within AS geometry))"), {"within": changed})


def _fitting(step: str, at: datetime) -> dict[str, Any]:
    return {"at": at} if ":at" in step else {}


def _values(row: Row) -> tuple[object, ...]:
    values = [getattr(row, name) for name in _COLUMNS]
    return tuple(list(value) if isinstance(value, tuple) else value for value in values)


_STAGE = """
    CREATE TEMP TABLE incoming_areas (
        row bigint, id bigint, code text, code_generated boolean, level text, name text, parent_id bigint,
        parent_given boolean, path ltree, boundary geometry, post_name text, unit text, duties text[],
        staffed boolean, duty_line text, is_new boolean, moved boolean, post_changed boolean DEFAULT false
    ) ON COMMIT DROP
"""
# "=" on geometries is exact, vertex by vertex.
_COMPARE = """
    UPDATE incoming_areas i SET is_new = a.id IS NULL, moved = a.id IS NULL OR v.id IS NULL OR a.level <> i.level
        OR v.name <> coalesce(i.name, v.name) OR (i.boundary IS NOT NULL AND v.boundary IS DISTINCT FROM i.boundary)
        OR (i.parent_given AND v.parent_id IS DISTINCT FROM i.parent_id)
    FROM incoming_areas same LEFT JOIN areas a ON a.id = same.id
    LEFT JOIN area_versions v ON v.area_id = a.id AND upper_inf(v.during)
    WHERE same.row = i.row
"""
_COMPARE_POSTS = """
    UPDATE incoming_areas i SET post_changed = p.id IS NULL
        OR (i.unit IS NOT NULL AND p.unit <> i.unit) OR (i.duties IS NOT NULL AND p.duties <> i.duties)
        OR (i.staffed IS NOT NULL AND p.staffed <> i.staffed)
        OR (i.duty_line IS NOT NULL AND p.duty_line <> i.duty_line)
    FROM incoming_areas same LEFT JOIN posts p ON p.area_id = same.id AND p.name = same.post_name
    WHERE same.row = i.row AND i.post_name IS NOT NULL
"""
# Where the tree changes: old and new boundaries of what moved, as one box.
_EXTENT = """
    SELECT ST_Extent(b.boundary)::geometry FROM incoming_areas i
    LEFT JOIN area_versions v ON v.area_id = i.id AND upper_inf(v.during),
    LATERAL (VALUES (i.boundary), (v.boundary)) b (boundary) WHERE i.moved
"""
_ADD = """
    INSERT INTO areas (id, code, level, code_generated, path)
    SELECT id, code, level, code_generated, path FROM incoming_areas WHERE is_new ORDER BY nlevel(path), row
"""
_LEVELS = """
    UPDATE areas a SET level = i.level, retired = false FROM incoming_areas i
    WHERE i.id = a.id AND NOT i.is_new AND i.moved AND (a.level <> i.level OR a.retired)
"""
# A version that began at this very instant is written over: a stretch of no time is none.
_REPLACE_SAME_INSTANT = """
    UPDATE area_versions v SET name = coalesce(i.name, v.name), boundary = coalesce(ST_Multi(i.boundary), v.boundary),
        parent_id = CASE WHEN i.parent_given THEN i.parent_id ELSE v.parent_id END
    FROM incoming_areas i WHERE v.area_id = i.id AND i.moved AND upper_inf(v.during) AND lower(v.during) >= :at
"""
_CLOSE = """
    UPDATE area_versions v SET during = tstzrange(lower(v.during), :at)
    FROM incoming_areas i WHERE v.area_id = i.id AND i.moved AND upper_inf(v.during) AND lower(v.during) < :at
"""
_OPEN = """
    INSERT INTO area_versions (area_id, parent_id, name, boundary, during)
    SELECT i.id, CASE WHEN i.parent_given OR v.id IS NULL THEN i.parent_id ELSE v.parent_id END,
        coalesce(i.name, v.name, i.code),
        ST_Multi(coalesce(i.boundary, v.boundary)), tstzrange(:at, NULL)
    FROM incoming_areas i LEFT JOIN area_versions v ON v.area_id = i.id AND upper(v.during) = :at
    WHERE i.moved AND NOT EXISTS (SELECT FROM area_versions o WHERE o.area_id = i.id AND upper_inf(o.during))
    ORDER BY i.row
"""
_POSTS = """
    INSERT INTO posts (area_id, name, unit, duties, staffed, duty_line, path)
    SELECT i.id, i.post_name, coalesce(i.unit, ''), coalesce(i.duties, '{}'), coalesce(i.staffed, false),
        coalesce(i.duty_line, ''), a.path
    FROM incoming_areas i JOIN areas a ON a.id = i.id WHERE i.post_changed
    ON CONFLICT (area_id, name) DO UPDATE SET
        unit = CASE WHEN excluded.unit = '' THEN posts.unit ELSE excluded.unit END,
        duties = CASE WHEN excluded.duties = '{}' THEN posts.duties ELSE excluded.duties END,
        staffed = excluded.staffed,
        duty_line = CASE WHEN excluded.duty_line = '' THEN posts.duty_line ELSE excluded.duty_line END
"""
