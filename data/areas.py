"""The tree of areas and its posts: children, search, crumbs, boundaries, and which cells nobody answers for."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from data import persons
from data.errors import Missing, Refusal, Taken
from data.types import Level

_DUTY_LINE = re.compile(r"\+?[0-9][0-9 ()（）#,、/\-转]{1,38}")
# The duties a post usually has; others may be written.
DUTIES = ("巡查", "信息采集", "矛盾调解", "隐患排查", "政策宣传", "便民服务")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An area as a row of the tree. `cells` and `staffed` count the cells in it and those with a staffed post."""

    id: int
    code: str
    name: str
    level: Level
    parent_id: int | None
    crumbs: tuple[str, ...]
    has_children: bool
    cells: int
    staffed: int

    @property
    def vacant(self) -> int:
        """Return how many cells have no staffed post."""
        return self.cells - self.staffed


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Who answers for a cell, as a post with duties (三定一包), never as a person."""

    id: int
    area_id: int
    name: str
    unit: str
    duties: tuple[str, ...]
    staffed: bool
    duty_line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One area with what hangs on it. `since` is when its present boundary and name began."""

    node: Node
    posts: tuple[Post, ...]
    since: datetime | None
    cameras: int
    buttons: int
    has_boundary: bool


# `chosen` lists ids; everything is read under the scope of the session.
_NODES = """
SELECT a.id, a.code, v.name, a.level, v.parent_id, area_crumbs(a.id) AS crumbs, counts.cells, counts.staffed,
    EXISTS (SELECT FROM area_versions child JOIN areas ca ON ca.id = child.area_id AND NOT ca.retired
            WHERE child.parent_id = a.id AND upper_inf(child.during)) AS has_children
FROM areas a
JOIN area_versions v ON v.area_id = a.id AND upper_inf(v.during)
CROSS JOIN LATERAL (
    SELECT count(*) AS cells,
        count(*) FILTER (WHERE EXISTS (SELECT FROM posts p WHERE p.area_id = c.id AND p.staffed)) AS staffed
    FROM areas c WHERE c.path <@ a.path AND a.path <> '' AND c.level = 'cell' AND NOT c.retired
) counts
WHERE NOT a.retired AND {where}
ORDER BY a.code LIMIT :limit OFFSET :offset
"""
_TOP = "(v.parent_id IS NULL OR NOT EXISTS (SELECT FROM areas up WHERE up.id = v.parent_id))"
_VACANT = """
FROM areas a JOIN area_versions v ON v.area_id = a.id AND upper_inf(v.during)
WHERE a.level = 'cell' AND NOT a.retired
  AND (CAST(:under AS bigint) IS NULL OR a.path <@ (SELECT path FROM areas WHERE id = :under AND path <> ''))
  AND NOT EXISTS (SELECT FROM posts p WHERE p.area_id = a.id AND p.staffed)
"""


def children(session: Session, parent_id: int | None, *, limit: int = 500, offset: int = 0) -> list[Node]:
    """Return the areas right below one, by code; for None the topmost areas that the session may see."""
    where = _TOP if parent_id is None else "v.parent_id = :parent"
    return _nodes(session, where, parent=parent_id, limit=limit, offset=offset)


def search(session: Session, words: str, *, limit: int = 50) -> list[Node]:
    """Return areas whose name holds `words` or whose code begins with them."""
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    where = "(v.name ILIKE :within OR a.code LIKE :start)"
    return _nodes(session, where, within=f"%{escaped}%", start=f"{escaped}%", limit=limit)


def node(session: Session, area_id: int) -> Node:
    """Return one area. Raises Missing, also for one outside the scope."""
    found = _nodes(session, "a.id = :area", area=area_id)
    if not found:
        raise Missing("There is no such area, or it lies outside the areas granted to you.")
    return found[0]


def id_of(session: Session, code: str) -> int:
    """Return the id of the area with a code. Raises Missing."""
    found = session.execute(text("SELECT id FROM areas WHERE code = :code"), {"code": code}).scalar_one_or_none()
    if found is None:
        raise Missing("There is no area with the code %(code)s.", code=code)
    return int(found)


def ancestors(session: Session, area_id: int) -> list[int]:
    """Return the ids from the topmost area that the session may see down to the one above `area_id`."""
    rows = session.execute(
        text(
            "SELECT up.id FROM areas here JOIN areas up ON up.path @> here.path AND up.path <> '' AND up.id <> here.id"
            " WHERE here.id = :area ORDER BY nlevel(up.path)"
        ),
        {"area": area_id},
    )
    return [int(row.id) for row in rows]


def detail(session: Session, area_id: int) -> Detail:
    """Return one area with its posts and the number of its devices. Raises Missing."""
    found = node(session, area_id)
    more = session.execute(
        text(
            "SELECT lower(v.during) AS since, v.boundary IS NOT NULL AS has_boundary,"
            " (SELECT count(*) FROM cameras c WHERE c.path <@ a.path AND a.path <> '') AS cameras,"
            " (SELECT count(*) FROM buttons b WHERE b.path <@ a.path AND a.path <> '') AS buttons"
            " FROM areas a JOIN area_versions v ON v.area_id = a.id AND upper_inf(v.during) WHERE a.id = :area"
        ),
        {"area": area_id},
    ).one()
    return Detail(node=found, posts=posts_of(session, area_id), **more._mapping)


def boundary(session: Session, area_id: int) -> dict[str, Any]:
    """Return the present boundary as a GeoJSON Feature, lng-lat WGS-84; its geometry is null when none is known."""
    row = session.execute(
        text(
            "SELECT a.code, v.name, a.level, ST_AsGeoJSON(v.boundary, 7) AS geometry FROM areas a"
            " JOIN area_versions v ON v.area_id = a.id AND upper_inf(v.during) WHERE a.id = :area"
        ),
        {"area": area_id},
    ).one_or_none()
    if row is None:
        raise Missing("There is no such area, or it lies outside the areas granted to you.")
    return {
        "type": "Feature",
        "id": area_id,
        "properties": {"code": row.code, "name": row.name, "level": row.level},
        "geometry": json.loads(row.geometry) if row.geometry else None,
    }


def vacant_cells(session: Session, under: int | None, *, limit: int, offset: int = 0) -> tuple[list[Node], int]:
    """Return the cells without a staffed post below an area (None: everywhere), by code, and their number."""
    count = session.execute(text(f"SELECT count(*) {_VACANT}"), {"under": under}).scalar_one()
    ids = session.execute(
        text(f"SELECT a.id {_VACANT} ORDER BY a.code LIMIT :limit OFFSET :offset"),
        {"under": under, "limit": limit, "offset": offset},
    ).scalars()
    return _nodes(session, "a.id = ANY (:ids)", ids=list(ids)), int(count)


def posts_of(session: Session, area_id: int) -> tuple[Post, ...]:
    """Return the posts of one area, by name."""
    rows = session.execute(
        text(
            "SELECT id, area_id, name, unit, duties, staffed, duty_line FROM posts WHERE area_id = :area ORDER BY name"
        ),
        {"area": area_id},
    ).mappings()
    return tuple(_post(row) for row in rows)


def post(session: Session, post_id: int) -> Post:
    """Return one post. Raises Missing."""
    row = (
        session.execute(
            text("SELECT id, area_id, name, unit, duties, staffed, duty_line FROM posts WHERE id = :id"),
            {"id": post_id},
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise Missing("There is no such post, or it lies outside the areas granted to you.")
    return _post(row)


def add_post(session: Session, area_id: int, *, name: str) -> Post:
    """Give an area a post, vacant at first. Raises Missing, Taken and Refusal."""
    _check_words(name=name)
    made = session.execute(
        text(
            "INSERT INTO posts (area_id, path, name) SELECT id, path, :name FROM areas WHERE id = :area"
            " ON CONFLICT (area_id, name) DO NOTHING RETURNING id"
        ),
        {"area": area_id, "name": name},
    ).scalar_one_or_none()
    if made is None:
        node(session, area_id)
        raise Taken("This cell has a post of that name already. Edit that one.", field="name")
    return post(session, made)


def change_post(session: Session, changed: Post) -> Post:
    """Write a post as it should be from now on. Raises Missing, Taken and Refusal."""
    _check_words(name=changed.name, unit=changed.unit, duties="、".join(changed.duties))
    _check_duty_line(changed.duty_line)
    twin = "SELECT 1 FROM posts WHERE area_id = :area_id AND name = :name AND id <> :id"
    values = {
        "id": changed.id,
        "area_id": changed.area_id,
        "name": changed.name,
        "unit": changed.unit,
        "duties": list(changed.duties),
        "staffed": changed.staffed,
        "duty_line": changed.duty_line,
    }
    if session.execute(text(twin), values).one_or_none():
        raise Taken("This cell has a post of that name already. Edit that one.", field="name")
    session.execute(
        text(
            "UPDATE posts SET name = :name, unit = :unit, duties = :duties, staffed = :staffed, duty_line = :duty_line"
            " WHERE id = :id"
        ),
        values,
    )
    return post(session, changed.id)


def remove_post(session: Session, post_id: int) -> None:
    """Remove a post; its cell is vacant when it was the last staffed one."""
    session.execute(text("DELETE FROM posts WHERE id = :id"), {"id": post_id})


def posts_below(session: Session, under: int | None) -> Sequence[RowMapping]:
    """Return every cell below an area (None: everywhere) with its posts, a vacant cell with an empty one, by code."""
    return (
        session.execute(
            text(
                "SELECT a.code, v.name AS cell, array_to_string(area_crumbs(a.id), ' / ') AS crumbs,"
                " coalesce(p.name, '') AS post, coalesce(p.unit, '') AS unit,"
                " array_to_string(coalesce(p.duties, '{}'), '、') AS duties,"
                " coalesce(p.staffed, false) AS staffed, coalesce(p.duty_line, '') AS duty_line"
                " FROM areas a JOIN area_versions v ON v.area_id = a.id AND upper_inf(v.during)"
                " LEFT JOIN posts p ON p.area_id = a.id WHERE a.level = 'cell' AND NOT a.retired"
                " AND (CAST(:under AS bigint) IS NULL"
                "      OR a.path <@ (SELECT path FROM areas WHERE id = :under AND path <> ''))"
                " ORDER BY a.code, p.name"
            ),
            {"under": under},
        )
        .mappings()
        .all()
    )


def _nodes(session: Session, where: str, *, limit: int = 500, offset: int = 0, **values: object) -> list[Node]:
    # `where` is one of the few texts above, never a word of a request.
    rows = session.execute(text(_NODES.format(where=where)), {"limit": limit, "offset": offset, **values}).mappings()
    return [
        Node(**(dict(row) | {"level": Level(row["level"]), "crumbs": tuple(row["crumbs"] or (row["name"],))}))
        for row in rows
    ]


def _post(row: RowMapping) -> Post:
    return Post(**(dict(row) | {"duties": tuple(row["duties"])}))


def _check_words(**written: str) -> None:
    for field, words in written.items():
        if persons.personal_data_in(words):
            raise Refusal("“%(field)s” holds a number of a person. Write posts and units only, never who.", field=field)


def _check_duty_line(written: str) -> None:
    if written and (persons.personal_data_in(written) or not _DUTY_LINE.fullmatch(written)):
        raise Refusal(
            "Write the duty line of the unit in digits, as 0813-3901110; a mobile number is refused.", field="duty_line"
        )
