"""The scenes cameras should show, by day and by night: kept when first seen, told to looks, forgotten on demand."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

# A dome, a PTZ bullet and a half dome look where they were turned to; without their preset there is no reference.
TURNING = (1, 4, 5)


def of_cameras(session: Session, camera_ids: Sequence[int]) -> dict[int, tuple[bytes, ...]]:
    """Return the scenes of cameras that stay where they look."""
    rows = session.execute(
        text(
            "SELECT r.camera_id, r.scene FROM picture_references r JOIN cameras c ON c.id = r.camera_id"
            " WHERE r.camera_id = ANY (:ids) AND NOT coalesce(c.ptz_type = ANY (:turning), false) ORDER BY r.light"
        ),
        {"ids": list(camera_ids), "turning": list(TURNING)},
    )
    found: dict[int, tuple[bytes, ...]] = {}
    for row in rows:
        found[row.camera_id] = (*found.get(row.camera_id, ()), bytes(row.scene))
    return found


def adopt(session: Session, camera_id: int, *, path: str, light: str, scene: bytes, at: datetime) -> bool:
    """Keep a scene as the reference of its light if there is none yet; return whether it was kept."""
    kept = session.execute(
        text(
            "INSERT INTO picture_references (camera_id, path, light, scene, seen_at)"
            " VALUES (:id, CAST(:path AS ltree), :light, :scene, :at) ON CONFLICT DO NOTHING RETURNING id"
        ),
        {"id": camera_id, "path": path, "light": light, "scene": scene, "at": at},
    )
    return kept.one_or_none() is not None


def forget(session: Session, camera_id: int) -> int:
    """Forget what a camera should show, so that the next good picture is taken for it; return how many there were."""
    gone = session.execute(text("DELETE FROM picture_references WHERE camera_id = :id RETURNING id"), {"id": camera_id})
    return len(gone.all())


def of_camera(session: Session, camera_id: int) -> list[dict[str, Any]]:
    """Return light and time of the references of one camera."""
    rows = session.execute(
        text("SELECT light, seen_at FROM picture_references WHERE camera_id = :id ORDER BY light"), {"id": camera_id}
    )
    return [dict(row) for row in rows.mappings()]
