"""Thresholds of the picture checks as they were changed: for all cameras, and for one."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.errors import Missing, Refusal
from data.thresholds import DEFAULTS, NAMES, Thresholds, with_changes


def of_all(session: Session) -> Thresholds:
    """Return the thresholds of cameras that have none of their own."""
    rows = session.execute(text("SELECT name, value FROM picture_thresholds WHERE camera_id IS NULL")).all()
    return with_changes({row.name: row.value for row in rows})


def of_cameras(session: Session, camera_ids: Sequence[int]) -> dict[int, Thresholds]:
    """Return the thresholds of those cameras that have their own, or of all where everybody's were changed."""
    base = of_all(session)
    rows = session.execute(
        text("SELECT camera_id, name, value FROM picture_thresholds WHERE camera_id = ANY (:ids)"),
        {"ids": list(camera_ids)},
    )
    own: dict[int, dict[str, float]] = {} if base == DEFAULTS else {camera_id: {} for camera_id in camera_ids}
    for row in rows:
        own.setdefault(row.camera_id, {})[row.name] = row.value
    return {camera_id: with_changes(changes, base) for camera_id, changes in own.items()}


def changes_of(session: Session, camera_id: int | None) -> dict[str, float]:
    """Return what was changed for one camera, or for all with None."""
    rows = session.execute(
        text("SELECT name, value FROM picture_thresholds WHERE camera_id IS NOT DISTINCT FROM :id ORDER BY name"),
        {"id": camera_id},
    )
    return {row.name: row.value for row in rows if row.name in NAMES}


def change(session: Session, camera_id: int | None, name: str, value: float | None) -> None:
    """Set a threshold of one camera, or of all with None; a value of None puts it back. Raises Missing or Refusal."""
    if name not in NAMES:
        raise Missing("There is no threshold %(name)s.", name=name)
    if value is None:
        session.execute(
            text("DELETE FROM picture_thresholds WHERE camera_id IS NOT DISTINCT FROM :id AND name = :name"),
            {"id": camera_id, "name": name},
        )
        return
    if not 0 < value < 10_000:
        raise Refusal("A threshold must lie between 0 and 10000.", field=name)
    session.execute(
        text(
            "INSERT INTO picture_thresholds (camera_id, path, name, value) VALUES (:id,"
            " coalesce((SELECT path FROM cameras WHERE id = :id), ''), :name, :value)"
            " ON CONFLICT (camera_id, name) DO UPDATE SET value = excluded.value, changed_at = now()"
        ),
        {"id": camera_id, "name": name, "value": value},
    )
