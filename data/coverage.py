"""What cameras see, as remembered: whose view is stale, which cells are, and the shares that pages show."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.sql import query
from data.types import Pose


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A camera whose view waits to be computed, at the version of its record that was read."""

    camera_id: int
    version: int
    path: str
    pose: Pose


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredView:
    """A computed view, lng-lat WKB; areas in square metres."""

    camera_id: int
    version: int
    path: str
    px_per_m: float
    wkb: bytes
    area_m2: float
    sector_m2: float
    flags: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell whose coverage waits to be computed; boundary as lng-lat WKB."""

    area_id: int
    path: str
    wkb: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenBy:
    """A view that reaches into a cell, and whether its camera shows a good picture now."""

    wkb: bytes
    works_now: bool
    flags: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellShare:
    """Coverage of a cell as computed: square metres, and the gaps as lng-lat WKB."""

    area_m2: float
    open_m2: float
    seen_m2: float
    seen_now_m2: float
    cameras: int
    cameras_now: int
    gaps_wkb: bytes
    flags: Sequence[str]


def stale_viewers(session: Session, *, at_most: int) -> list[Viewer]:
    """Return cameras whose view is missing or older than their record, neighbours together."""
    return [_viewer(row) for row in session.execute(query("stale_viewers"), {"at_most": at_most}).mappings()]


def buildings_within(session: Session, *, west: float, south: float, east: float, north: float) -> list[bytes]:
    """Return the footprints that touch a box in lng-lat, as WKB."""
    rows = session.execute(
        text(
            "SELECT ST_AsBinary(geom) FROM buildings WHERE geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)"
        ),
        {"west": west, "south": south, "east": east, "north": north},
    ).scalars()
    return [bytes(row) for row in rows]


def save_views(session: Session, views: Iterable[StoredView], *, at: datetime) -> None:
    """Store views; the cells they reach into, and those the former ones reached into, become stale."""
    for one in views:
        mark_stale(session, [one.camera_id])
        session.execute(
            query("save_view"),
            {
                "camera": one.camera_id,
                "version": one.version,
                "path": one.path,
                "density": one.px_per_m,
                "wkb": one.wkb,
                "area": one.area_m2,
                "sector": one.sector_m2,
                "flags": list(one.flags),
                "at": at,
            },
        )
        mark_stale(session, [one.camera_id])


def drop_views(session: Session) -> int:
    """Remove views of cameras that are no longer in use, and mark their cells; return how many went."""
    gone = session.execute(
        text(
            "SELECT v.camera_id FROM camera_views v JOIN cameras c ON c.id = v.camera_id"
            " WHERE c.record_state <> 'in_use' OR c.geom IS NULL"
        )
    ).scalars()
    ids = list(gone)
    mark_stale(session, ids)
    session.execute(text("DELETE FROM camera_views WHERE camera_id = ANY (:ids)"), {"ids": ids})
    return len(ids)


def mark_stale(session: Session, camera_ids: Sequence[int]) -> None:
    """Mark the cells that the views of these cameras reach into."""
    if camera_ids:
        session.execute(query("mark_stale_cells"), {"ids": list(camera_ids)})


def stale_cells(session: Session, *, at_most: int) -> list[Cell]:
    """Return cells whose coverage was never computed or is stale, and mark them as taken."""
    rows = session.execute(query("stale_cells"), {"at_most": at_most}).mappings()
    return [Cell(area_id=row["area_id"], path=row["path"], wkb=bytes(row["wkb"])) for row in rows]


def views_into(session: Session, area_id: int) -> list[SeenBy]:
    """Return the views that reach into a cell, of the cameras in use."""
    rows = session.execute(query("views_into"), {"area": area_id}).mappings()
    return [SeenBy(wkb=bytes(row["wkb"]), works_now=row["works_now"], flags=row["flags"]) for row in rows]


def save_cell(session: Session, cell: Cell, share: CellShare, *, at: datetime) -> None:
    """Store the coverage of a cell."""
    session.execute(
        query("save_cell"),
        {
            "area_id": cell.area_id,
            "path": cell.path,
            "at": at,
            "area_m2": share.area_m2,
            "open_m2": share.open_m2,
            "seen_m2": share.seen_m2,
            "seen_now_m2": share.seen_now_m2,
            "cameras": share.cameras,
            "cameras_now": share.cameras_now,
            "gaps": share.gaps_wkb,
            "flags": list(share.flags),
        },
    )


def cells(session: Session) -> list[dict[str, Any]]:
    """Return the coverage of every computed cell inside the scope, the least seen first."""
    return [dict(row) for row in session.execute(query("covered_cells")).mappings()]


def of_cell(session: Session, code: str) -> dict[str, Any] | None:
    """Return the coverage of one cell inside the scope with its gaps as GeoJSON, or None."""
    row = session.execute(query("covered_cell"), {"code": code}).mappings().one_or_none()
    return {**row, "gaps": json.loads(row["gaps"]) if row["gaps"] else None} if row else None


def of_camera(session: Session, code: str) -> dict[str, Any] | None:
    """Return the view of one camera inside the scope as GeoJSON with its areas and flags, or None."""
    row = session.execute(query("camera_view"), {"code": code}).mappings().one_or_none()
    return {**row, "geometry": json.loads(row["geometry"])} if row else None


def _viewer(row: Any) -> Viewer:
    fields = (
        "lng",
        "lat",
        "bearing_deg",
        "bearing_doubt_deg",
        "hfov_deg",
        "vfov_deg",
        "tilt_deg",
        "height_m",
        "reach_m",
    )
    return Viewer(
        camera_id=row["id"],
        version=row["version"],
        path=row["path"],
        pose=Pose(width_px=row["width_px"], **{name: row[name] for name in fields}),
    )
