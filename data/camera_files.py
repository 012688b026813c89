"""Photos and documents of a camera: files in the picture store, opened only through their scoped row."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data import pictures
from data.errors import Missing, Refusal

Row = Mapping[str, Any]
# What a photo or document shows; photos of the place and of the sign may be asked for by the rules of records.
PHOTO_KINDS = ("site", "signage")
KINDS = (*PHOTO_KINDS, "acceptance", "filing", "other")
MOST_FILES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file on its way in: what it shows, the name it is known by, its bytes, and a small picture if it is one."""

    kind: str
    name: str
    content_type: str
    suffix: str
    content: bytes
    thumbnail: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The bytes of a file, what they are, and the name it is known by."""

    content: bytes
    content_type: str
    name: str


def add(session: Session, code: str, new: NewFile, *, at: datetime, account_id: int | None) -> int:
    """Keep a file of a camera and return its number. Raises Missing; Refusal when the camera has too many.

    The file is written before the row, so a row never names a missing file.
    """
    camera = session.execute(
        text(
            "SELECT c.id, c.path::text AS path, (SELECT count(*) FROM camera_files f WHERE f.camera_id = c.id) AS files"
            " FROM cameras c WHERE c.code = :code"
        ),
        {"code": code},
    ).one_or_none()
    if camera is None:
        raise Missing("There is no camera %(code)s, or it lies outside the areas granted to you.", code=code)
    if camera.files >= MOST_FILES:
        raise Refusal("A camera keeps %(most)s files at most. Remove one first.", field="file", most=MOST_FILES)
    stem = f"camera-files/{camera.id}/{at:%Y%m%d}-{uuid.uuid4().hex}"
    file, thumbnail = f"{stem}{new.suffix}", f"{stem}.small.jpg" if new.thumbnail else None
    pictures.put(file, new.content)
    if thumbnail and new.thumbnail:
        pictures.put(thumbnail, new.thumbnail)
    given = {"camera": camera.id, "path": camera.path, "file": file, "thumbnail": thumbnail, "at": at}
    return _remember(session, new, given | {"account": account_id})


def _remember(session: Session, new: NewFile, given: Row) -> int:
    return int(
        session.execute(
            text(
                "INSERT INTO camera_files (camera_id, kind, name, file, thumbnail, content_type, size_bytes, sha256,"
                " at, account_id, path) VALUES (:camera, :kind, :name, :file, :thumbnail, :content_type, :size,"
                " :sha256, :at, :account, CAST(:path AS ltree)) RETURNING id"
            ),
            {
                **given,
                "kind": new.kind,
                "name": new.name,
                "content_type": new.content_type,
                "size": len(new.content),
                "sha256": hashlib.sha256(new.content).hexdigest(),
            },
        ).scalar_one()
    )


def of_camera(session: Session, camera_id: int) -> list[Row]:
    """Return the files of a camera, the newest first, with who brought them."""
    rows = session.execute(
        text(
            "SELECT f.id, f.kind, f.name, f.content_type, f.size_bytes, f.at, f.thumbnail IS NOT NULL AS is_photo,"
            " coalesce(nullif(a.title, ''), a.login) AS by FROM camera_files f LEFT JOIN accounts a"
            " ON a.id = f.account_id WHERE f.camera_id = :id ORDER BY f.at DESC, f.id DESC"
        ),
        {"id": camera_id},
    )
    return [dict(row) for row in rows.mappings()]


def open_(session: Session, file_id: int, *, thumbnail: bool = False) -> Opened | None:
    """Return a file inside the scope of this session; None when there is none, or its bytes are gone."""
    row = session.execute(
        text("SELECT name, file, thumbnail, content_type FROM camera_files WHERE id = :id"), {"id": file_id}
    ).one_or_none()
    if row is None or (thumbnail and row.thumbnail is None):
        return None
    content = pictures.get(row.thumbnail if thumbnail else row.file)
    if content is None:
        return None
    return Opened(content=content, content_type="image/jpeg" if thumbnail else row.content_type, name=row.name)


def remove(session: Session, file_id: int) -> str:
    """Remove a file and return the code of its camera. Raises Missing."""
    row = session.execute(
        text(
            "DELETE FROM camera_files f USING cameras c WHERE f.id = :id AND c.id = f.camera_id"
            " RETURNING f.file, f.thumbnail, c.code"
        ),
        {"id": file_id},
    ).one_or_none()
    if row is None:
        raise Missing("There is no such file, or it was removed already.")
    for name in (row.file, row.thumbnail):
        if name:
            pictures.drop(name)
    return str(row.code)
