"""What cameras see, as remembered: the shares that pages show, who sees a place, and which cells are stale."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data import queue
from data.incidents import LEAST
from data.sql import query

# Smaller remainders of open ground are slivers between views, no places to put a camera for.
MIN_GAP_M2 = 50.0
# The pixel density at which somebody or something is noticed; see gis/pixels.py for the classes above it.
DETECT_PX_PER_M = 25.0
MOST_SEEING = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which cells are asked for, in which order, and at which pixel density.

    `within` is the code of an area, `words` stand in names or codes; `order` is one of ORDERS.
    """

    within: str | None = None
    words: str = ""
    order: str = "share"
    descending: bool = False
    px_per_m: float = DETECT_PX_PER_M


ORDERS = ("share", "now", "open", "area", "cameras", "name", "code", "places", "lost", "two", "worst", "roads")


def mark_stale(session: Session, camera_ids: Sequence[int]) -> None:
    """Mark the cells that the views of these cameras reach into, or would if nothing hid them."""
    if camera_ids:
        session.execute(query("mark_stale_cells"), {"ids": list(camera_ids)})


def follow_health(session: Session, camera_ids: Sequence[int]) -> None:
    """Have the cells that these cameras see computed again at once: they may have begun or ceased to show a picture."""
    if camera_ids and session.execute(query("mark_stale_now"), {"ids": list(camera_ids)}).rowcount:  # type: ignore[attr-defined]
        ask(session)


def ask(session: Session) -> None:
    """Have stale views and cells computed now; the job comes by itself every few seconds too."""
    queue.ask(session, "update_coverage", {}, once="update_coverage", lock="update_coverage")


def cells(
    session: Session,
    asked: Asked | None = None,
    *,
    most: int | None = None,
    skip: int = 0,
    with_gaps: bool = False,
    planned: bool = False,
) -> list[dict[str, Any]]:
    """Return the coverage of computed cells inside the scope, the least seen first unless asked otherwise.

    What is seen now is None while a camera that was counted for it no longer shows a picture, and when the job that
    computes it is not alive. `gaps` is a GeoJSON geometry in lng-lat with `with_gaps`, else None: what no working
    camera sees, or with `planned` what none in use sees.
    """
    return _cells(session, asked or Asked(), most=most, skip=skip, with_gaps=with_gaps, planned=planned)


def of_cell(session: Session, code: str, *, px_per_m: float = DETECT_PX_PER_M) -> dict[str, Any] | None:
    """Return the coverage of one cell inside the scope with its gaps as GeoJSON, or None."""
    return next(iter(_cells(session, Asked(px_per_m=px_per_m), code=code, most=1, with_gaps=True)), None)


def sums(session: Session, asked: Asked | None = None) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """Return the sums over the cells asked for, in square metres: of all (None without any), and of each town."""
    rows = session.execute(query("coverage_sums"), _which(asked or Asked()) | {"least_told": LEAST}).mappings()
    everything, *towns = [dict(row) for row in rows]
    return (everything if everything["cells"] else None), [town for town in towns if town["code"]]


def key_places(session: Session, asked: Asked | None = None) -> list[dict[str, Any]]:
    """Return the key places of the cells asked for and whether they are seen, the unseen first."""
    return [dict(row) for row in session.execute(query("key_places"), _which(asked or Asked())).mappings()]


def who_sees(
    session: Session, place: bytes, *, working_only: bool = True, at_most: int = MOST_SEEING
) -> list[dict[str, Any]]:
    """Return the cameras inside the scope that see a place, the best picture first.

    `place` is a point, line or polygon as lng-lat WKB (WGS-84). `px_per_m` is the pixel density at the nearest part
    that is seen, None where the camera's resolution is not known; `part` is how much of a line or polygon is seen.
    """
    rows = session.execute(
        text("SELECT * FROM who_sees(ST_SetSRID(ST_GeomFromWKB(:place), 4326), :working, :most)"),
        {"place": place, "working": working_only, "most": at_most},
    )
    return [dict(row) for row in rows.mappings()]


def _cells(
    session: Session,
    asked: Asked,
    *,
    code: str | None = None,
    most: int | None = None,
    skip: int = 0,
    with_gaps: bool = False,
    planned: bool = False,
) -> list[dict[str, Any]]:
    rows = session.execute(
        query("covered_cells"),
        _which(asked)
        | {
            "code": code,
            "order": asked.order,
            "turn": -1 if asked.descending else 1,
            "most": most,
            "skip": skip,
            "with_gaps": with_gaps,
            "planned": planned,
            "least_told": LEAST,
        },
    ).mappings()
    return [{**row, "gaps": json.loads(row["gaps"]) if row["gaps"] else None} for row in rows]


def _which(asked: Asked) -> dict[str, Any]:
    return {"within": asked.within, "like": _like(asked.words), "density": asked.px_per_m}


def _like(words: str) -> str:
    plain = words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%" if plain else ""


def of_camera(session: Session, code: str) -> dict[str, Any] | None:
    """Return the view of one camera inside the scope as GeoJSON with its areas and flags, or None."""
    row = session.execute(query("camera_view"), {"code": code}).mappings().one_or_none()
    return {**row, "geometry": json.loads(row["geometry"])} if row else None
