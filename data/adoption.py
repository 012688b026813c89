"""Adoption: cameras of a scenario become planned cameras of the record, and leave it while nobody touched them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.errors import Taken
from data.events import as_json

Row = Mapping[str, Any]

_KEPT = ("bearing_deg", "bearing_doubt_deg", "hfov_deg", "vfov_deg", "tilt_deg", "height_m", "reach_m", "width_px")
# What a kind of camera is called by GB/T 28181: dome, fixed, PTZ bullet, panorama.
_PTZ_TYPES = {"dome": 1, "fixed": 3, "ptz": 4, "panorama": 6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """A planned camera of the record and the camera of the scenario it came from."""

    of: Row
    code: str
    name: str


def areas_of(session: Session, places: Sequence[tuple[float, float]]) -> list[str | None]:
    """Return the name of the area that holds each place in lng, lat; None for none inside the scope."""
    statement = text(
        "SELECT v.name FROM area_versions v WHERE upper_inf(v.during)"
        " AND v.area_id = area_at(ST_SetSRID(ST_MakePoint(:lng, :lat), 4326))"
    )
    return [session.execute(statement, {"lng": lng, "lat": lat}).scalar() for lng, lat in places]


def adopt(session: Session, scenario: Row, planned: Sequence[Adopted], *, at: datetime, account_id: int) -> list[int]:
    """Add planned cameras to the record and return their numbers, in order. Raises Taken for a code that is there."""
    codes = [one.code for one in planned]
    taken = (
        session.execute(text("SELECT code FROM cameras WHERE code = ANY (:codes)"), {"codes": codes}).scalars().all()
    )
    if taken:
        raise Taken("There is a camera with the code %(code)s already.", field="code", code=taken[0])
    ids = [_add(session, one, at=at, account_id=account_id, reason=f"scenario {scenario['id']}") for one in planned]
    session.execute(
        text("UPDATE scenarios SET adopted_at = :at, version = version + 1 WHERE id = :id"),
        {"at": at, "id": scenario["id"]},
    )
    return ids


def unadopt(session: Session, scenario_id: int) -> int:
    """Take the planned cameras of a scenario out of the record that nobody touched since; return how many."""
    gone = session.execute(text("SELECT unadopt_scenario(:id)"), {"id": scenario_id}).scalar_one()
    session.execute(
        text("UPDATE scenarios SET adopted_at = NULL, version = version + 1 WHERE id = :id"), {"id": scenario_id}
    )
    return int(gone)


def _add(session: Session, one: Adopted, *, at: datetime, account_id: int, reason: str) -> int:
    record = {name: one.of[name] for name in _KEPT} | {
        "code": one.code,
        "name": one.name,
        "pole": one.of["pole"] or None,
        "ptz_type": _PTZ_TYPES[one.of["kind"]],
    }
    point = "ST_SetSRID(ST_MakePoint(CAST(:lng AS float8), CAST(:lat AS float8)), 4326)"
    columns = ", ".join(record)
    values = ", ".join(f":{name}" for name in record)
    camera_id = session.execute(
        text(
            f"INSERT INTO cameras ({columns}, code_generated, record_state, geom, area_id, path, changed_at)"  # noqa: S608
            f" VALUES ({values}, true, 'planned', {point}, area_at({point}),"
            f" coalesce((SELECT a.path FROM areas a WHERE a.id = area_at({point})), ''), :at) RETURNING id"
        ),
        record | {"lng": one.of["lng"], "lat": one.of["lat"], "at": at},
    ).scalar_one()
    session.execute(
        text(
            "INSERT INTO camera_changes (camera_id, at, account_id, reason, before, after, path)"
            " SELECT id, :at, :account, :reason, '{}', CAST(:after AS jsonb), path FROM cameras WHERE id = :id"
        ),
        {"id": camera_id, "at": at, "account": account_id, "reason": reason, "after": as_json(record)},
    )
    session.execute(
        text("UPDATE scenario_cameras SET camera_id = :camera, version = version + 1 WHERE id = :id"),
        {"camera": camera_id, "id": one.of["id"]},
    )
    return int(camera_id)
