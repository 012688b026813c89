"""What the wall asks: points of cameras, what is wrong now, the six numbers, one camera in focus, and search."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.sql import query

# So many devices of one village lost together are one line.
TOGETHER = 5
NO_POINTS = '{"id":[],"lng":[],"lat":[],"bearing":[],"kind":[],"town":[]}'
NO_HEALTH = '{"id":[],"health":[]}'

Row = Mapping[str, Any]


def points_stamp(session: Session) -> str:
    """Return what changes when `points` would: the scope of this session, or a record of a camera or an area."""
    return str(session.execute(text("SELECT tile_stamp('{cameras,areas}')")).scalar_one())


def points(session: Session) -> str:
    """Return all cameras on the map inside the scope, as a JSON object of columns in no order.

    id, lng and lat in millionths of a degree (WGS-84), bearing in degrees (-1 unknown), kind (ptz_type, 0 unknown),
    town (0 none).
    """
    found = session.execute(text("SELECT camera_points()")).scalar_one()
    return NO_POINTS if found is None or '"id":[]' in found else str(found)


def health(session: Session) -> str:
    """Return id and health of the same cameras, as `points` does.

    0 online, 1 degraded, 2 offline, 3 unknown, 4 in maintenance; expired words are unknown.
    """
    found = session.execute(text("SELECT camera_health()")).scalar_one()
    return NO_HEALTH if found is None or '"id":[]' in found else str(found)


def wrong_now(session: Session, *, at_most: int = 40) -> list[Row]:
    """Return what is wrong now, worst first; `lines` and `all_devices` tell how much there is in all."""
    rows = session.execute(query("wall_wrong"), {"at_most": at_most, "least": TOGETHER})
    return [dict(row) for row in rows.mappings()]


def numbers(session: Session, *, midnight: datetime) -> Row:
    """Return the counts behind the numbers of the wall; alarms since `midnight`. Sums are None without data."""
    return dict(session.execute(query("wall_numbers"), {"midnight": midnight}).mappings().one())


def towns(session: Session) -> list[Row]:
    """Return the cameras of each town: in use, and how many are not well."""
    return [dict(row) for row in session.execute(query("wall_towns")).mappings()]


def camera_now(session: Session, camera_id: int) -> Row | None:
    """Return one camera as it is now, or None when there is none inside the scope."""
    row = session.execute(query("camera_now"), {"id": camera_id}).mappings().one_or_none()
    return dict(row) if row else None


def stretches(session: Session, camera_id: int, *, until: datetime, lasting: timedelta) -> list[Row]:
    """Return the health of a camera over the time before `until`; what no stretch covers is unknown."""
    rows = session.execute(
        query("camera_stretches"), {"id": camera_id, "since": until - lasting, "until": until}
    ).mappings()
    return [dict(row) for row in rows if row["until"] and row["since"] < row["until"]]


def search(session: Session, words: str, *, at_most: int = 12) -> list[Row]:
    """Return areas, places and cameras whose name, code or address holds `words`."""
    rows = session.execute(text("SELECT * FROM search_scope(:words, :at_most)"), {"words": words, "at_most": at_most})
    return [dict(row) for row in rows.mappings()]


def scope_names(session: Session) -> list[str]:
    """Return the names of the areas granted to this session, the widest first; for the breadcrumb."""
    return list(
        session.execute(
            text(
                "SELECT v.name FROM areas a JOIN area_versions v ON v.area_id = a.id AND upper_inf(v.during)"
                " WHERE a.path = ANY ((SELECT scope_paths())::ltree[]) OR (nlevel(a.path) = 1"
                " AND ''::ltree = ANY ((SELECT scope_paths())::ltree[])) ORDER BY nlevel(a.path), v.name"
            )
        ).scalars()
    )


def extent(session: Session) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north of all this session may see: its areas, else its cameras."""
    row = session.execute(
        text(
            "SELECT ST_XMin(b) AS west, ST_YMin(b) AS south, ST_XMax(b) AS east, ST_YMax(b) AS north FROM ("
            " SELECT coalesce((SELECT ST_Extent(v.boundary) FROM area_versions v WHERE upper_inf(v.during)),"
            " (SELECT ST_Extent(geom) FROM cameras)) AS b) e"
        )
    ).one()
    return None if row.west is None else (row.west, row.south, row.east, row.north)
