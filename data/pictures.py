"""The picture store: files through fsspec, their rows in `snapshots`. A picture is opened through its scoped row."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal

import fsspec
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import settings
from data.events import as_json
from data.looks import Picture

Size = Literal["full", "thumbnail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A picture's JPEG, the camera it came from, and when it was taken."""

    jpeg: bytes
    camera_id: int
    at: datetime


def store(session: Session, camera_id: int, *, path: str, picture: Picture, at: datetime) -> int:
    """Keep a picture and its thumbnail and return the snapshot's number; `path` is the camera's area path.

    The files are written before the row, so a row never names a missing file.
    """
    stem = f"{at:%Y/%m/%d}/{camera_id}-{at:%H%M%S}-{uuid.uuid4().hex[:12]}"
    full, small = f"{stem}.jpg", f"{stem}.small.jpg"
    _write(full, picture.jpeg)
    _write(small, picture.thumbnail)
    return int(
        session.execute(
            text(
                "INSERT INTO snapshots (camera_id, path, at, file, thumbnail, width, height, size_bytes, sha256,"
                " measures, checks) VALUES (:camera, CAST(:path AS ltree), :at, :file, :thumbnail, :width, :height,"
                " :size, :sha256, CAST(:measures AS jsonb), CAST(:checks AS jsonb)) RETURNING id"
            ),
            {
                "camera": camera_id,
                "path": path,
                "at": at,
                "file": full,
                "thumbnail": small,
                "width": picture.width,
                "height": picture.height,
                "size": len(picture.jpeg) + len(picture.thumbnail),
                "sha256": picture.sha256,
                "measures": as_json(picture.measures),
                "checks": as_json(_checks(picture)),
            },
        ).scalar_one()
    )


def open_(session: Session, snapshot_id: int, size: Size) -> Opened | None:
    """Return a picture inside the scope of this session; None when there is none, or its file is gone."""
    row = session.execute(
        text("SELECT camera_id, at, file, thumbnail FROM snapshots WHERE id = :id"), {"id": snapshot_id}
    ).one_or_none()
    if row is None:
        return None
    try:
        with _files().open(_place(row.file if size == "full" else row.thumbnail), "rb") as file:
            return Opened(jpeg=file.read(), camera_id=row.camera_id, at=row.at)
    except FileNotFoundError:
        return None


def remove(session: Session, snapshot_ids: list[int]) -> int:
    """Remove pictures, rows first, and return how many bytes that freed; a file already gone is no harm."""
    rows = session.execute(
        text("DELETE FROM snapshots WHERE id = ANY (:ids) RETURNING file, thumbnail, size_bytes"), {"ids": snapshot_ids}
    ).all()
    for row in rows:
        _remove(row.file)
        _remove(row.thumbnail)
    return sum(row.size_bytes for row in rows)


def oldest(session: Session, *, before: datetime, at_most: int = 500) -> list[int]:
    """Return snapshots taken before a moment, the oldest first; for retention."""
    return list(
        session.execute(
            text("SELECT id FROM snapshots WHERE at < :before ORDER BY at, id LIMIT :at_most"),
            {"before": before, "at_most": at_most},
        ).scalars()
    )


def beyond(session: Session, budget_bytes: int, *, at_most: int = 500) -> list[int]:
    """Return the snapshots that must go so that the newest fit into a budget, the oldest first."""
    return list(
        session.execute(
            text(
                "SELECT id FROM (SELECT id, at, sum(size_bytes) OVER (ORDER BY at DESC, id DESC) AS up_to"
                " FROM snapshots) s WHERE up_to > :budget ORDER BY at, id LIMIT :at_most"
            ),
            {"budget": budget_bytes, "at_most": at_most},
        ).scalars()
    )


def stored_bytes(session: Session) -> int:
    """Return how much room the pictures take."""
    return int(session.execute(text("SELECT coalesce(sum(size_bytes), 0) FROM snapshots")).scalar_one())


def put(name: str, content: bytes) -> None:
    """Write a file beside the snapshots; whoever does keeps a scoped row that names it."""
    _write(name, content)


def get(name: str) -> bytes | None:
    """Return a file that a scoped row names, or None when it is gone."""
    try:
        with _files().open(_place(name), "rb") as file:
            content: bytes = file.read()
            return content
    except FileNotFoundError:
        return None


def drop(name: str) -> None:
    """Remove a file whose row is gone; one already gone is no harm."""
    _remove(name)


def _checks(picture: Picture) -> dict[str, dict[str, object]]:
    return {
        str(fault): {"state": str(check.state), "score": check.score, "reason": check.reason}
        for fault, check in picture.checks.items()
    }


@cache
def _store(address: str) -> tuple[fsspec.AbstractFileSystem, str]:
    files, root = fsspec.core.url_to_fs(address)
    return files, root


def _files() -> fsspec.AbstractFileSystem:
    return _store(settings.get().pictures)[0]


def _place(name: str) -> str:
    return f"{_store(settings.get().pictures)[1].rstrip('/')}/{name}"


def _write(name: str, content: bytes) -> None:
    place = _place(name)
    _files().makedirs(place.rsplit("/", 1)[0], exist_ok=True)
    # Written aside and moved, so that a reader never meets half a picture.
    with _files().open(f"{place}.part", "wb") as file:
        file.write(content)
    _files().mv(f"{place}.part", place)


def _remove(name: str) -> None:
    try:
        _files().rm(_place(name))
    except FileNotFoundError:
        return
