"""What cameras see, as remembered: whose view is stale, which cells are, and the shares that pages show."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.sql import query
from data.types import Pose

# Smaller remainders of open ground are slivers between views, no places to put a camera for.
MIN_GAP_M2 = 50.0


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
    reach_m: float
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

    camera_id: int
    wkb: bytes
    works_now: bool
    flags: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellShare:
    """Coverage of a cell as computed: square metres, and as lng-lat WKB the gaps that no working camera sees."""

    area_m2: float
    open_m2: float
    seen_m2: float
    seen_now_m2: float
    cameras: int
    cameras_now: int
    gaps_wkb: bytes
    flags: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which cells are asked for, in which order.

    `within` is the code of an area, `words` stand in names or codes; `order` is one of ORDERS.
    """

    within: str | None = None
    words: str = ""
    order: str = "share"
    descending: bool = False


ORDERS = ("share", "now", "open", "area", "cameras", "name", "code")


def hold_ground(session: Session) -> None:
    """Let nobody build or move a boundary until this transaction ends: what is computed in it will still be true."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('ground'))"))


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


def save_views(session: Session, views: Sequence[StoredView], *, at: datetime) -> None:
    """Store views; the cells they reach into, and those the former ones reached into, become stale."""
    if not views:
        return
    ids = [one.camera_id for one in views]
    mark_stale(session, ids)
    session.execute(query("save_view"), [_view_row(one, at) for one in views])
    mark_stale(session, ids)


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
    return [
        SeenBy(camera_id=row["camera_id"], wkb=bytes(row["wkb"]), works_now=row["works_now"], flags=row["flags"])
        for row in rows
    ]


def mark_changed_now(session: Session) -> int:
    """Mark cells whose cameras began or ceased to show a picture since; return how many."""
    return session.execute(query("mark_changed_now")).rowcount  # type: ignore[attr-defined,no-any-return]


def save_cell(session: Session, cell: Cell, share: CellShare, seen_by: Sequence[SeenBy], *, at: datetime) -> None:
    """Store the coverage of a cell and the views it was computed from."""
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
    session.execute(text("DELETE FROM cell_views WHERE area_id = :area"), {"area": cell.area_id})
    session.execute(
        query("remember_cell_views"),
        {
            "area": cell.area_id,
            "cameras": [one.camera_id for one in seen_by],
            "worked": [one.works_now for one in seen_by],
        },
    )


def cells(
    session: Session, asked: Asked | None = None, *, most: int | None = None, skip: int = 0, with_gaps: bool = False
) -> list[dict[str, Any]]:
    """Return the coverage of computed cells inside the scope, the least seen first unless asked otherwise.

    What is seen now is None while a camera that was counted for it no longer shows a picture. `gaps` is a GeoJSON
    geometry in lng-lat with `with_gaps`, else None.
    """
    return _cells(session, asked or Asked(), code=None, most=most, skip=skip, with_gaps=with_gaps)


def of_cell(session: Session, code: str) -> dict[str, Any] | None:
    """Return the coverage of one cell inside the scope with its gaps as GeoJSON, or None."""
    return next(iter(_cells(session, Asked(), code=code, most=1, skip=0, with_gaps=True)), None)


def sums(session: Session, asked: Asked | None = None) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """Return the sums over the cells asked for, in square metres: of all (None without any), and of each town."""
    wanted = asked or Asked()
    rows = session.execute(query("coverage_sums"), {"within": wanted.within, "like": _like(wanted.words)}).mappings()
    everything, *towns = [dict(row) for row in rows]
    return (everything if everything["cells"] else None), [town for town in towns if town["code"]]


def _cells(
    session: Session, asked: Asked, *, code: str | None, most: int | None, skip: int, with_gaps: bool
) -> list[dict[str, Any]]:
    rows = session.execute(
        query("covered_cells"),
        {
            "code": code,
            "within": asked.within,
            "like": _like(asked.words),
            "order": asked.order,
            "turn": -1 if asked.descending else 1,
            "most": most,
            "skip": skip,
            "with_gaps": with_gaps,
        },
    ).mappings()
    return [{**row, "gaps": json.loads(row["gaps"]) if row["gaps"] else None} for row in rows]


def _like(words: str) -> str:
    plain = words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%" if plain else ""


def of_camera(session: Session, code: str) -> dict[str, Any] | None:
    """Return the view of one camera inside the scope as GeoJSON with its areas and flags, or None."""
    row = session.execute(query("camera_view"), {"code": code}).mappings().one_or_none()
    return {**row, "geometry": json.loads(row["geometry"])} if row else None


def _view_row(one: StoredView, at: datetime) -> dict[str, Any]:
    return {
        "camera": one.camera_id,
        "version": one.version,
        "path": one.path,
        "density": one.px_per_m,
        "wkb": one.wkb,
        "area": one.area_m2,
        "sector": one.sector_m2,
        "reach": one.reach_m,
        "flags": list(one.flags),
        "at": at,
    }


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
