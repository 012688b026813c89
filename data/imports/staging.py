"""Rows of a file on their way into a table: copied beside it, placed into areas, compared, then written at once.

A blank cell clears its value, a column that the file does not have is left as it is. The staging tables are
temporary and end with the transaction. Everything runs with the rights of the session: what lies outside its areas
is named by `outside` and `codes_elsewhere`, and must be refused before `write`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

# An empty one leaves what is there.
KEPT_IF_EMPTY = frozenset({"password_encrypted", "code_generated"})
# What a new row gets where the file says nothing.
_WHEN_NEW = {"code_generated": "false", "name": "code"}
_WITH_AREA = frozenset({"cameras", "buttons", "places", "incidents"})
_NEW_TYPES = {"password_encrypted": "bytea"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What was staged: for which table, which columns, and which of them are left alone when empty."""

    table: str
    columns: tuple[str, ...]
    kept_if_empty: frozenset[str] = KEPT_IF_EMPTY

    @property
    def has_area(self) -> bool:
        """Whether rows of the table name the area they lie in."""
        return self.table in _WITH_AREA

    def fresh(self, column: str) -> str:
        """Return the SQL of the value a column gets: the file's, or the stored one where that is left alone."""
        return f"coalesce(i.{column}, t.{column})" if column in self.kept_if_empty else f"i.{column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How many rows of a file are new, changed, and as they were."""

    added: int
    updated: int
    unchanged: int


def order_of(staged: Staged) -> list[str]:
    """Return the columns in the order in which `stage` takes their values, after the row number."""
    return sorted(staged.columns, key=lambda name: name in _NEW_TYPES)


def stage(session: Session, staged: Staged, rows: Iterable[Sequence[object]]) -> None:
    """Copy rows beside the table: each the row number of the file, then `order_of` columns; geometry as hex EWKB."""
    readable = [name for name in staged.columns if name not in _NEW_TYPES]
    made = [f"NULL::{_NEW_TYPES[name]} AS {name}" for name in staged.columns if name in _NEW_TYPES]
    session.execute(text("DROP TABLE IF EXISTS pg_temp.settled, pg_temp.incoming"))
    session.execute(
        text(
            f"CREATE TEMP TABLE incoming ON COMMIT DROP AS"  # noqa: S608  names from the records
            f" SELECT 0::bigint AS row, {', '.join([*readable, *made])} FROM {staged.table} LIMIT 0"
        )
    )
    copy(session, "incoming", ("row", *order_of(staged)), rows)


def copy(session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Copy rows into a table the fast way, in the transaction of the session."""
    cursor = session.connection().connection.cursor()
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as sink:
        for row in rows:
            sink.write_row(row)


def settle(session: Session, staged: Staged) -> Comparison:
    """Find the area and the stored row of every staged row; return what writing them would change."""
    session.execute(text("ALTER TABLE incoming ADD spot geometry"))
    spot = "ST_PointOnSurface(geom)" if staged.table == "buildings" else "geom"
    session.execute(text(f"UPDATE incoming SET spot = {spot}"))  # noqa: S608
    session.execute(text("CREATE INDEX ON incoming USING gist (spot)"))
    session.execute(text("ANALYZE incoming"))
    placed = _ROAD_PLACES if staged.table == "roads" else _PLACES
    mine = ", ".join(f"t.{name}" for name in _compared(staged))
    file = ", ".join(staged.fresh(name) for name in _compared(staged))
    secret = " OR i.password_encrypted IS NOT NULL" if "password_encrypted" in staged.columns else ""
    where_to = "coalesce(p.paths, ARRAY[''::ltree]) AS paths" if staged.table == "roads" else _PLACED
    session.execute(
        text(
            f"CREATE TEMP TABLE settled ON COMMIT DROP AS SELECT i.*, {where_to}, t.id,"  # noqa: S608
            f" (ROW({mine}) IS DISTINCT FROM ROW({file}){secret}) AS changed"
            f" FROM incoming i LEFT JOIN ({placed}) p ON p.row = i.row LEFT JOIN {staged.table} t ON t.code = i.code"
        )
    )
    return count(session)


def count(session: Session) -> Comparison:
    """Return what writing the settled rows would change."""
    counted = session.execute(
        text(
            "SELECT count(*) FILTER (WHERE id IS NULL), count(*) FILTER (WHERE id IS NOT NULL AND changed),"
            " count(*) FILTER (WHERE id IS NOT NULL AND NOT changed) FROM settled"
        )
    ).one()
    return Comparison(added=counted[0], updated=counted[1], unchanged=counted[2])


def unplaced(session: Session, table: str) -> list[int]:
    """Return the rows that lie in no area, in the order of the file."""
    where = "paths = ARRAY[''::ltree]" if table == "roads" else "path = ''"
    return list(session.scalars(text(f"SELECT row FROM settled WHERE {where} ORDER BY row")))  # noqa: S608


def outside(session: Session, table: str) -> list[int]:
    """Return the rows that lie outside the areas of the session's account."""
    column = "paths" if table == "roads" else "path"
    return list(
        session.scalars(
            text(
                f"SELECT row FROM settled WHERE NOT {column} <@ ANY ((SELECT scope_paths())::ltree[])"  # noqa: S608
                " ORDER BY row"
            )
        )
    )


def codes_elsewhere(session: Session, table: str, codes: Sequence[str]) -> set[str]:
    """Return which codes belong to rows that the session's account may not see."""
    found = session.scalars(text("SELECT codes_elsewhere(:table, :codes)"), {"table": table, "codes": list(codes)})
    return set(found)


def touched(session: Session) -> list[str]:
    """Return the area paths in which settled rows are new or changed; pages that show them must hear of it."""
    return list(
        session.scalars(
            text("SELECT DISTINCT path::text FROM settled WHERE id IS NULL OR changed ORDER BY 1 LIMIT 1000")
        )
    )


def leave_out(session: Session, rows: Sequence[int]) -> None:
    """Take rows out of the staged ones."""
    session.execute(text("DELETE FROM incoming WHERE row = ANY(:rows)"), {"rows": list(rows)})
    session.execute(text("DELETE FROM settled WHERE row = ANY(:rows)"), {"rows": list(rows)})


def write(session: Session, staged: Staged, *, at: datetime, reason: str) -> None:
    """Write what is new or changed; a changed camera keeps what it was before in its change history."""
    places = ["area_id", "path"] if staged.has_area else ["paths" if staged.table == "roads" else "path"]
    if staged.table == "cameras":
        _remember_changes(session, staged, at=at, reason=reason)
    assigned = [f"{name} = {staged.fresh(name)}" for name in staged.columns if name != "code"]
    assigned += [f"{name} = i.{name}" for name in places]
    if staged.table == "cameras":
        assigned += ["version = t.version + 1", "changed_at = :at"]
    if login := _another_login(staged):
        assigned.append(f"credential_version = t.credential_version + ({login})::int")
    session.execute(
        text(
            f"UPDATE {staged.table} t SET {', '.join(assigned)}"  # noqa: S608
            " FROM settled i WHERE i.id = t.id AND i.changed"
        ),
        {"at": at} if staged.table == "cameras" else {},
    )
    columns = [*staged.columns, *places]
    values = [f"coalesce({name}, {_WHEN_NEW[name]})" if name in _WHEN_NEW else name for name in columns]
    session.execute(
        text(
            f"INSERT INTO {staged.table} ({', '.join(columns)})"  # noqa: S608
            f" SELECT {', '.join(values)} FROM settled WHERE id IS NULL ORDER BY row"
        )
    )


def _another_login(staged: Staged) -> str:
    """Return the SQL of whether a row brings another user or password, which is then tried again; "" for neither."""
    told = {
        "password_encrypted": "i.password_encrypted IS NOT NULL",
        "username": "i.username IS DISTINCT FROM t.username",
    }
    return " OR ".join(is_new for column, is_new in told.items() if column in staged.columns)


def _compared(staged: Staged) -> list[str]:
    """Return the columns by which a row is new; passwords are compared before, in the clear."""
    return [name for name in staged.columns if name not in ("code", "code_generated", "password_encrypted")]


def _remember_changes(session: Session, staged: Staged, *, at: datetime, reason: str) -> None:
    columns = [name for name in staged.columns if name not in ("code", "code_generated", "password_encrypted")]
    before = " || ".join(_pair(name, f"t.{name}") for name in columns)
    after = " || ".join(_pair(name, staged.fresh(name)) for name in columns)
    session.execute(
        text(
            "INSERT INTO camera_changes (camera_id, at, account_id, reason, before, after, path)"  # noqa: S608
            " SELECT t.id, :at, scope_account(), :reason, d.before, d.after, t.path"
            f" FROM settled i JOIN cameras t ON t.id = i.id,"
            f" LATERAL (SELECT {before} AS old, {after} AS new) both_sides,"
            " LATERAL (SELECT coalesce(jsonb_object_agg(o.key, o.value), '{}') AS before,"
            "   coalesce(jsonb_object_agg(o.key, both_sides.new -> o.key), '{}') AS after"
            "   FROM jsonb_each(both_sides.old) o WHERE both_sides.new -> o.key IS DISTINCT FROM o.value) d"
            " WHERE i.changed AND d.before <> '{}'"
        ),
        {"at": at, "reason": reason},
    )


def _pair(name: str, value: str) -> str:
    if name == "geom":
        return f"jsonb_build_object('lng', ST_X({value}), 'lat', ST_Y({value}))"
    return f"jsonb_build_object('{name}', {value})"


# The deepest area that covers the spot; of two that share an edge the one with the smaller code.
_PLACES = """
    SELECT DISTINCT ON (s.row) s.row, a.id AS area_id, a.path
    FROM incoming s JOIN area_versions v ON ST_Covers(v.boundary, s.spot) AND upper_inf(v.during)
    JOIN areas a ON a.id = v.area_id
    ORDER BY s.row, nlevel(a.path) DESC, a.code
"""
_PLACED = "p.area_id, coalesce(p.path, '') AS path"
# Every area a road touches, but for those above another one it touches.
_ROAD_PLACES = """
    SELECT touched.row, ARRAY(
        SELECT one FROM unnest(touched.paths) one
        WHERE NOT EXISTS (SELECT FROM unnest(touched.paths) other WHERE other <@ one AND other <> one)
        ORDER BY one) AS paths
    FROM (
        SELECT s.row, array_agg(a.path) AS paths
        FROM incoming s JOIN area_versions v ON ST_Intersects(v.boundary, s.spot) AND upper_inf(v.during)
        JOIN areas a ON a.id = v.area_id
        GROUP BY s.row) touched
"""
