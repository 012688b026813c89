"""What the job that keeps coverage reads and writes: whose view is stale, which cells are, and what they came to."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from data.coverage import mark_stale
from data.sql import query
from data.types import Pose

# Incidents of this long weigh in what a cell's cameras see.
INCIDENT_DAYS = 365
_POSE = ("lng", "lat", "bearing_deg", "bearing_doubt_deg", "hfov_deg", "vfov_deg", "tilt_deg", "height_m", "reach_m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A camera whose view waits to be computed, at the version of its record that was read."""

    camera_id: int
    version: int
    path: str
    pose: Pose


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredView:
    """A computed view, lng-lat WKB; areas in square metres.

    `lowest` and `highest` are what is seen whatever the bearing and for some bearing, None where they are the view
    itself; `box` is west, south, east, north of all the camera could see if nothing hid it.
    """

    camera_id: int
    version: int
    path: str
    px_per_m: float
    wkb: bytes
    lowest: bytes | None
    highest: bytes | None
    box: tuple[float, float, float, float]
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
class NearView:
    """A view that may reach into some cells, lng-lat WKB, and whether its camera shows a good picture now."""

    camera_id: int
    pose: Pose
    wkb: bytes
    lowest: bytes | None
    highest: bytes | None
    works_now: bool
    is_unknown: bool
    flags: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Buildings:
    """Footprints as lng-lat WKB, with heights in metres and levels, NaN where they are not known."""

    wkb: Sequence[bytes]
    heights_m: Sequence[float]
    levels: Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What matters in some cells: ways as lng-lat WKB, places as (id, cell, WKB), incidents as (cell, WKB)."""

    roads: Sequence[bytes]
    places: Sequence[tuple[int, int, bytes]]
    incidents: Sequence[tuple[int, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFigures:
    """Coverage of a cell as computed, as columns of cell_coverage; `gaps_now` as lng-lat WKB.

    `shares` are the rows of cell_shares, one a pixel density; `views` the cameras that reach in and whether they work.
    """

    area_m2: float
    open_m2: float
    seen_m2: float
    seen_now_m2: float
    cameras: int
    cameras_now: int
    cameras_unknown: int
    gaps_now: bytes
    flags: Sequence[str]
    shares: Sequence[Mapping[str, Any]]
    views: Mapping[int, bool]


def say_alive(session: Session, *, now: datetime) -> None:
    """Note that coverage is kept: while this is fresh, what is seen now is what was computed."""
    session.execute(
        text(
            "INSERT INTO options (name, value) VALUES ('coverage', jsonb_build_object('at', CAST(:now AS timestamptz)))"
            " ON CONFLICT (name) DO UPDATE SET changed_at = now(), value = excluded.value"
        ),
        {"now": now},
    )


def hold_ground(session: Session) -> None:
    """Let nobody build or move a boundary until this transaction ends: what is computed in it will still be true."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('ground'))"))


def stale_viewers(session: Session, *, at_most: int) -> list[Viewer]:
    """Return cameras whose view is missing or older than their record, neighbours together."""
    rows = session.execute(query("stale_viewers"), {"at_most": at_most}).mappings()
    return [Viewer(camera_id=row["id"], version=row["version"], path=row["path"], pose=_pose(row)) for row in rows]


def buildings_within(session: Session, *, west: float, south: float, east: float, north: float) -> Buildings:
    """Return the footprints that touch a box in lng-lat."""
    rows = session.execute(
        text(
            "SELECT ST_AsBinary(geom) AS wkb, height_m, levels FROM buildings"
            " WHERE geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326) ORDER BY id"
        ),
        {"west": west, "south": south, "east": east, "north": north},
    )
    return _buildings(rows.mappings().all())


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


def mark_changed_now(session: Session) -> int:
    """Mark cells whose cameras began or ceased to show a picture since; return how many."""
    return session.execute(query("mark_changed_now")).rowcount  # type: ignore[attr-defined,no-any-return]


def stale_cells(session: Session, *, at_most: int, urgent_only: bool = False) -> list[Cell]:
    """Return cells whose coverage was never computed or is stale, the urgent ones first, and mark them as taken."""
    rows = session.execute(query("stale_cells"), {"at_most": at_most, "urgent_only": urgent_only}).mappings()
    return [Cell(area_id=row["area_id"], path=row["path"], wkb=bytes(row["wkb"])) for row in rows]


def views_near(session: Session, area_ids: Sequence[int]) -> list[NearView]:
    """Return the views of all cameras in use that could see into some cells."""
    rows = session.execute(query("near_views"), {"areas": list(area_ids)}).mappings()
    return [
        NearView(
            camera_id=row["camera_id"],
            pose=_pose(row),
            wkb=bytes(row["wkb"]),
            lowest=row["lowest"] and bytes(row["lowest"]),
            highest=row["highest"] and bytes(row["highest"]),
            works_now=row["works_now"],
            is_unknown=row["is_unknown"],
            flags=row["flags"],
        )
        for row in rows
    ]


def buildings_near(session: Session, area_ids: Sequence[int]) -> Buildings:
    """Return the footprints whose boxes touch those of some cells."""
    return _buildings(session.execute(query("near_buildings"), {"areas": list(area_ids)}).mappings().all())


def around(session: Session, area_ids: Sequence[int], *, since: datetime) -> Around:
    """Return what matters in some cells; incidents from `since` on."""
    asked = {"areas": list(area_ids), "since": since}
    places = text(
        "SELECT id, area_id, ST_AsBinary(geom) FROM places"
        " WHERE area_id = ANY (:areas) AND geom IS NOT NULL AND is_key_place(kind) ORDER BY id"
    )
    incidents = text(
        "SELECT area_id, ST_AsBinary(geom) FROM incidents"
        " WHERE area_id = ANY (:areas) AND geom IS NOT NULL AND at >= :since ORDER BY id"
    )
    return Around(
        roads=[bytes(row) for row in session.execute(query("near_roads"), asked).scalars()],
        places=[(place, area, bytes(wkb)) for place, area, wkb in session.execute(places, asked)],
        incidents=[(area, bytes(wkb)) for area, wkb in session.execute(incidents, asked)],
    )


def save_cells(session: Session, cells: Sequence[tuple[Cell, CellFigures]], *, at: datetime) -> None:
    """Store the coverage of cells, at every pixel density, and the views it was computed from."""
    if not cells:
        return
    session.execute(
        query("save_cell"),
        [{"area_id": cell.area_id, "path": cell.path, "at": at} | _columns(found) for cell, found in cells],
    )
    session.execute(
        query("save_share"), [{"area_id": cell.area_id} | dict(row) for cell, found in cells for row in found.shares]
    )
    session.execute(
        text("DELETE FROM cell_views WHERE area_id = ANY (:areas)"), {"areas": [cell.area_id for cell, _ in cells]}
    )
    views = [(cell.area_id, camera, worked) for cell, found in cells for camera, worked in found.views.items()]
    areas, cameras, worked = zip(*views, strict=True) if views else ((), (), ())
    session.execute(
        query("remember_cell_views"), {"areas": list(areas), "cameras": list(cameras), "worked": list(worked)}
    )


def _columns(found: CellFigures) -> dict[str, Any]:
    columns = asdict(found)
    del columns["shares"], columns["views"]
    return columns | {"flags": list(found.flags)}


def _buildings(rows: Sequence[RowMapping]) -> Buildings:
    return Buildings(
        wkb=[bytes(row["wkb"]) for row in rows],
        heights_m=[_known(row["height_m"]) for row in rows],
        levels=[_known(row["levels"]) for row in rows],
    )


def _known(value: float | None) -> float:
    return math.nan if value is None else value


def _view_row(one: StoredView, at: datetime) -> dict[str, Any]:
    west, south, east, north = one.box
    return {
        "camera": one.camera_id,
        "version": one.version,
        "path": one.path,
        "density": one.px_per_m,
        "wkb": one.wkb,
        "lowest": one.lowest,
        "highest": one.highest,
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "area": one.area_m2,
        "sector": one.sector_m2,
        "reach": one.reach_m,
        "flags": list(one.flags),
        "at": at,
    }


def _pose(row: RowMapping) -> Pose:
    return Pose(width_px=row["width_px"], **{name: row[name] for name in _POSE})
