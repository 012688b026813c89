"""Links of the network: their names, what hangs on what, and the areas and recorders behind them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.errors import Refusal
from data.sql import query

Row = Mapping[str, Any]


def listed(session: Session) -> list[Row]:
    """Return every link inside the scope with its parent, its ends and how many cameras stand behind it."""
    return [dict(row) for row in session.execute(query("links_listed")).mappings()]


def add(session: Session, name: str, *, area: str, parent: str = "", note: str = "") -> int:
    """Make a link to an area, given by its code or name. Raises Refusal when it exists or the area is not one."""
    there = _area(session, area)
    made = session.execute(
        text(
            "INSERT INTO links (name, parent_id, note, path) VALUES (:name, :parent, :note, CAST(:path AS ltree))"
            " ON CONFLICT (name) DO NOTHING RETURNING id"
        ),
        {"name": name, "parent": _parent(session, parent), "note": note, "path": there.path},
    ).scalar_one_or_none()
    if made is None:
        raise Refusal("There is a link %(name)s already.", field="name", name=name)
    put_behind(session, int(made), area=area)
    return int(made)


def put_behind(session: Session, link_id: int, *, area: str = "", recorder: str = "") -> None:
    """Say that an area or a recorder hangs on a link; it leaves the one it hung on. Raises Refusal for no area."""
    column, end = ("area_id", _area(session, area).id) if area else ("recorder", recorder)
    session.execute(
        text(
            f"INSERT INTO link_ends (link_id, {column}) VALUES (:link, :end)"  # noqa: S608  one of two names
            f" ON CONFLICT ({column}) DO UPDATE SET link_id = excluded.link_id"
        ),
        {"link": link_id, "end": end},
    )
    session.execute(text("SELECT refresh_links()"))


def hang(session: Session, link_id: int, parent: str) -> None:
    """Hang a link on another one, or on none. Raises Refusal for one that is not known or hangs on it itself."""
    parent_id = _parent(session, parent)
    above, seen = parent_id, set[int]()
    while above is not None and above not in seen:
        if above == link_id:
            raise Refusal("%(name)s hangs on this link itself.", field="parent", name=parent)
        seen.add(above)
        above = session.execute(text("SELECT parent_id FROM links WHERE id = :id"), {"id": above}).scalar_one_or_none()
    session.execute(text("UPDATE links SET parent_id = :parent WHERE id = :id"), {"parent": parent_id, "id": link_id})
    session.execute(text("SELECT refresh_links()"))


def free(session: Session, end_id: int) -> None:
    """Take an area or recorder off its link."""
    session.execute(text("DELETE FROM link_ends WHERE id = :id"), {"id": end_id})


def remove(session: Session, link_id: int) -> str | None:
    """Forget a link, with what hung on it; return its name, None when it is not inside the scope."""
    gone = session.execute(text("DELETE FROM links WHERE id = :id RETURNING name"), {"id": link_id})
    name = gone.scalar_one_or_none()
    return None if name is None else str(name)


def _parent(session: Session, name: str) -> int | None:
    if not name:
        return None
    found = session.execute(text("SELECT id FROM links WHERE name = :name"), {"name": name}).scalar_one_or_none()
    if found is None:
        raise Refusal("There is no link %(name)s.", field="parent", name=name)
    return int(found)


def _area(session: Session, written: str) -> Any:
    found = session.execute(
        text(
            "SELECT a.id, a.path::text AS path FROM areas a JOIN area_versions v ON v.area_id = a.id"
            " AND upper_inf(v.during) WHERE NOT a.retired AND (a.code = :written OR v.name = :written)"
        ),
        {"written": written},
    ).all()
    if not found:
        raise Refusal("%(written)s is not known here.", field="area", written=written)
    if len(found) > 1:
        raise Refusal("%(written)s is the name of several; write its code.", field="area", written=written)
    return found[0]
