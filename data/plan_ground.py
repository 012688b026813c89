"""The ground a plan is made on: buildings, cameras, cells, roads, places and incidents in a box, inside the scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.errors import Missing
from data.incidents import LEAST
from data.types import Pose

Row = Mapping[str, Any]

MOST_BUILDINGS = 400_000
MOST_CAMERAS = 100_000
MOST_CELLS = 20_000
MOST_ROADS = 200_000
MOST_PLACES = 100_000
_POSE = ("bearing_deg", "bearing_doubt_deg", "hfov_deg", "vfov_deg", "tilt_deg", "height_m", "reach_m", "width_px")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle in degrees, WGS-84."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Buildings:
    """Footprints as lng-lat WKB, with heights and levels where known, None where not."""

    wkb: Sequence[bytes]
    heights_m: Sequence[float | None]
    levels: Sequence[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A camera in use: its code, its pose, and whether it shows a good picture now."""

    camera_id: int
    code: str
    pose: Pose
    works_now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CellGround:
    """A cell: its code, name and boundary as lng-lat WKB."""

    code: str
    name: str
    wkb: bytes


def boundary(session: Session, code: str) -> bytes:
    """Return the boundary of an area as lng-lat WKB. Raises Missing for none."""
    found = session.execute(
        text(
            "SELECT ST_AsBinary(v.boundary) FROM areas a JOIN area_versions v ON v.area_id = a.id"
            " AND upper_inf(v.during) WHERE a.code = :code AND v.boundary IS NOT NULL"
        ),
        {"code": code},
    ).scalar()
    if found is None:
        raise Missing("There is no such area, or it lies outside the areas granted to you.", field="area")
    return bytes(found)


def buildings(session: Session, box: Box) -> Buildings:
    """Return the footprints that touch a box."""
    rows = _rows(session, "plan_buildings", box, most=MOST_BUILDINGS)
    return Buildings(
        wkb=[bytes(row["wkb"]) for row in rows],
        heights_m=[row["height_m"] for row in rows],
        levels=[row["levels"] for row in rows],
    )


def cameras(session: Session, box: Box) -> list[Standing]:
    """Return the cameras in use that stand in a box."""
    return [
        Standing(
            camera_id=row["id"],
            code=row["code"],
            pose=Pose(lng=row["lng"], lat=row["lat"], **{name: row[name] for name in _POSE}),
            works_now=row["works_now"],
        )
        for row in _rows(session, "plan_cameras", box, most=MOST_CAMERAS)
    ]


def cells(session: Session, box: Box) -> list[CellGround]:
    """Return the cells whose boxes touch a box."""
    rows = _rows(session, "plan_cells", box, most=MOST_CELLS)
    return [CellGround(code=row["code"], name=row["name"], wkb=bytes(row["wkb"])) for row in rows]


def roads(session: Session, box: Box) -> list[Row]:
    """Return code, name, kind and lng-lat `wkb` of the roads that touch a box."""
    return [row | {"wkb": bytes(row["wkb"])} for row in _rows(session, "plan_roads", box, most=MOST_ROADS)]


def places(session: Session, box: Box, kinds: Sequence[str]) -> list[Row]:
    """Return code, name, kind, lng and lat of the places of some kinds in a box."""
    statement = "SELECT * FROM plan_places(ST_MakeEnvelope(:west, :south, :east, :north, 4326), :kinds, :most)"
    given = _corners(box) | {"kinds": list(kinds), "most": MOST_PLACES}
    return [dict(row) for row in session.execute(text(statement), given).mappings()]


def place_kinds(session: Session, box: Box) -> list[Row]:
    """Return the kinds of places in a box and how many there are of each, the commonest first."""
    statement = "SELECT * FROM plan_place_kinds(ST_MakeEnvelope(:west, :south, :east, :north, 4326))"
    return [dict(row) for row in session.execute(text(statement), _corners(box)).mappings()]


def incidents(session: Session, box: Box, *, since: datetime, least: int = LEAST) -> list[Row]:
    """Return lng, lat and events of squares of about 50 m with at least `least` incidents since then."""
    statement = "SELECT * FROM plan_incidents(ST_MakeEnvelope(:west, :south, :east, :north, 4326), :since, :least)"
    given = _corners(box) | {"since": since, "least": least}
    return [dict(row) for row in session.execute(text(statement), given).mappings()]


def _rows(session: Session, function: str, box: Box, *, most: int) -> list[dict[str, Any]]:
    statement = f"SELECT * FROM {function}(ST_MakeEnvelope(:west, :south, :east, :north, 4326), :most)"  # noqa: S608
    return [dict(row) for row in session.execute(text(statement), _corners(box) | {"most": most}).mappings()]


def _corners(box: Box) -> dict[str, float]:
    return {"west": box.west, "south": box.south, "east": box.east, "north": box.north}
