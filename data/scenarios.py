"""Scenarios: named plans of more cameras, edited under a version, put away and taken back out.

The database shows a private scenario to its author only; a shared one to whoever sees its area.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.errors import Missing, Refusal, Taken
from data.types import Pose

Row = Mapping[str, Any]

KINDS = ("fixed", "ptz", "dome", "panorama")
ORIGINS = ("drawn", "place", "crossing", "corner")
MOST_CAMERAS = 2_000
POSE = ("bearing_deg", "bearing_doubt_deg", "hfov_deg", "vfov_deg", "tilt_deg", "height_m", "reach_m", "width_px")
CAMERA_FIELDS = ("name", "lng", "lat", *POSE, "lens", "kind", "cost", "origin", "pole")
_FIELDS = ("name", "note", "shared", "px_per_m", "area")
_USUAL = {"name": "", "bearing_doubt_deg": 0.0, "lens": "", "kind": "fixed", "cost": 0.0, "origin": "drawn", "pole": ""}
_ONE = """
SELECT s.id, s.name, s.note, s.shared, s.px_per_m, s.version, s.path::text AS path, s.created_at, s.changed_at,
    s.removed_at, s.adopted_at, s.account_id = scope_account() AS mine,
    coalesce(nullif(w.title, ''), w.login) AS author,
    a.code AS area, v.name AS area_name, n.cameras, n.cost
FROM scenarios s
LEFT JOIN accounts w ON w.id = s.account_id
LEFT JOIN areas a ON a.id = s.area_id
LEFT JOIN area_versions v ON v.area_id = a.id AND upper_inf(v.during)
CROSS JOIN LATERAL (
    SELECT count(*) AS cameras, coalesce(sum(c.cost), 0) AS cost FROM scenario_cameras c
    WHERE c.scenario_id = s.id AND c.removed_at IS NULL
) n
"""
_CAMERA = """
SELECT c.id, c.scenario_id, c.name, ST_X(c.geom) AS lng, ST_Y(c.geom) AS lat, c.bearing_deg, c.bearing_doubt_deg,
    c.hfov_deg, c.vfov_deg, c.tilt_deg, c.height_m, c.reach_m, c.width_px, c.lens, c.kind, c.cost, c.origin, c.pole,
    c.version, c.camera_id, k.code AS camera_code
FROM scenario_cameras c LEFT JOIN cameras k ON k.id = c.camera_id
"""
_CHANGED = "Somebody else has changed this scenario meanwhile. Load it again and repeat your change."


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a scenario says of itself; `area` is the code of the area it is about, None for none."""

    name: str
    note: str = ""
    shared: bool = False
    px_per_m: float = 25.0
    area: str | None = None


def pose_of(row: Row) -> Pose:
    """Return the pose that a row of a camera holds."""
    return Pose(lng=row["lng"], lat=row["lat"], **{name: row[name] for name in POSE})


def listed(session: Session) -> list[Row]:
    """Return the scenarios that can be seen, the last changed first."""
    rows = session.execute(text(_ONE + " WHERE s.removed_at IS NULL ORDER BY s.changed_at DESC, s.id DESC"))
    return [dict(row) for row in rows.mappings()]


def find(session: Session, scenario_id: int) -> Row:
    """Return one scenario. Raises Missing."""
    row = session.execute(text(_ONE + " WHERE s.id = :id AND s.removed_at IS NULL"), {"id": scenario_id})
    found = row.mappings().one_or_none()
    if found is None:
        raise Missing("There is no such scenario, or it is not shared with you.")
    return dict(found)


def cameras(session: Session, scenario_id: int) -> list[Row]:
    """Return the cameras of a scenario in the order they were added."""
    where = " WHERE c.scenario_id = :id AND c.removed_at IS NULL ORDER BY c.id"
    return [dict(row) for row in session.execute(text(_CAMERA + where), {"id": scenario_id}).mappings()]


def camera(session: Session, scenario_id: int, camera_id: int) -> Row:
    """Return one camera of a scenario. Raises Missing."""
    where = " WHERE c.scenario_id = :scenario AND c.id = :id AND c.removed_at IS NULL"
    found = session.execute(text(_CAMERA + where), {"scenario": scenario_id, "id": camera_id}).mappings().one_or_none()
    if found is None:
        raise Missing("There is no such camera in this scenario.")
    return dict(found)


def add(session: Session, about: About, *, account_id: int) -> int:
    """Make a scenario and return its number. Raises Missing for an area that cannot be seen."""
    area_id, path = _area(session, about.area)
    return int(
        session.execute(
            text(
                "INSERT INTO scenarios (account_id, area_id, path, name, note, shared, px_per_m) VALUES (:account,"
                " :area_id, CAST(:path AS ltree), :name, :note, :shared, :px_per_m) RETURNING id"
            ),
            {"account": account_id, "area_id": area_id, "path": path, "name": about.name, "note": about.note,
             "shared": about.shared, "px_per_m": about.px_per_m},
        ).scalar_one()
    )  # fmt: skip


def copy(session: Session, scenario_id: int, name: str, *, account_id: int) -> int:
    """Make a private scenario with the cameras of another one, and return its number."""
    of = find(session, scenario_id)
    about = About(name=name, note=of["note"], px_per_m=of["px_per_m"], area=of["area"])
    made = add(session, about, account_id=account_id)
    add_cameras(session, made, cameras(session, scenario_id))
    return made


def change(session: Session, scenario_id: int, values: Row, *, version: int, at: datetime) -> int:
    """Change what a scenario says of itself and return its new version.

    Only the author may take a shared scenario back. Raises Missing, and Taken for a version that is old.
    """
    now = _locked(session, scenario_id)
    if now["version"] != version:
        raise Taken(_CHANGED)
    if values.get("shared") is False and now["shared"] and not now["mine"]:
        raise Refusal("Only who made a scenario may take it back from the others.", field="shared")
    after = {name: value for name, value in values.items() if name in _FIELDS}
    sets = [f"{name} = :{name}" for name in after if name != "area"]
    if "area" in after:
        after["area_id"], after["path"] = _area(session, after.pop("area"))
        sets += ["area_id = :area_id", "path = CAST(:path AS ltree)"]
    _touch(session, scenario_id, at, sets=sets, values=after)
    return version + 1


def remove(session: Session, scenario_id: int, *, at: datetime) -> None:
    """Put a scenario away; `restore` takes it back out. Raises Missing."""
    _locked(session, scenario_id)
    session.execute(text("UPDATE scenarios SET removed_at = :at WHERE id = :id"), {"id": scenario_id, "at": at})


def restore(session: Session, scenario_id: int) -> None:
    """Take a scenario back out that was put away. Raises Missing."""
    back = session.execute(
        text("UPDATE scenarios SET removed_at = NULL WHERE id = :id AND removed_at IS NOT NULL RETURNING id"),
        {"id": scenario_id},
    )
    if back.one_or_none() is None:
        raise Missing("There is no such scenario to take back out.")


def add_cameras(session: Session, scenario_id: int, added: Sequence[Row], *, at: datetime | None = None) -> list[int]:
    """Add cameras by their fields and return their numbers, in order. Raises Missing and Refusal."""
    now = _locked(session, scenario_id)
    if now["cameras"] + len(added) > MOST_CAMERAS:
        raise Refusal("A scenario holds at most %(most)s cameras.", most=MOST_CAMERAS)
    columns = [name for name in CAMERA_FIELDS if name not in ("lng", "lat")]
    statement = text(
        f"INSERT INTO scenario_cameras (scenario_id, geom, {', '.join(columns)}) VALUES (:scenario,"  # noqa: S608
        " ST_SetSRID(ST_MakePoint(CAST(:lng AS float8), CAST(:lat AS float8)), 4326),"
        f" {', '.join(f':{name}' for name in columns)}) RETURNING id"
    )
    ids = []
    for row in added:
        given = {name: row.get(name) if row.get(name) is not None else _USUAL.get(name) for name in CAMERA_FIELDS}
        ids.append(int(session.execute(statement, given | {"scenario": scenario_id}).scalar_one()))
    _touch(session, scenario_id, at)
    return ids


def change_camera(
    session: Session, scenario_id: int, camera_id: int, values: Row, *, version: int, at: datetime
) -> int:
    """Change fields of a camera and return its new version. Raises Missing, and Taken for a version that is old."""
    _locked(session, scenario_id)
    now = camera(session, scenario_id, camera_id)
    if now["version"] != version:
        raise Taken("Somebody else has changed this camera meanwhile. Load it again and repeat your change.")
    after = {name: value for name, value in values.items() if name in CAMERA_FIELDS}
    sets = [f"{name} = :{name}" for name in after if name not in ("lng", "lat")]
    if "lng" in after or "lat" in after:
        sets.append("geom = ST_SetSRID(ST_MakePoint(CAST(:lng AS float8), CAST(:lat AS float8)), 4326)")
    session.execute(
        text(f"UPDATE scenario_cameras SET {', '.join([*sets, 'version = version + 1'])} WHERE id = :id"),  # noqa: S608
        {"lng": now["lng"], "lat": now["lat"], "id": camera_id} | after,
    )
    _touch(session, scenario_id, at)
    return version + 1


def remove_cameras(session: Session, scenario_id: int, camera_ids: Sequence[int], *, at: datetime) -> int:
    """Put cameras of a scenario away and return how many; `restore_cameras` takes them back out."""
    _locked(session, scenario_id)
    gone = session.execute(
        text(
            "UPDATE scenario_cameras SET removed_at = :at WHERE scenario_id = :scenario AND id = ANY (:ids)"
            " AND removed_at IS NULL RETURNING id"
        ),
        {"scenario": scenario_id, "ids": list(camera_ids), "at": at},
    ).all()
    if not gone:
        raise Missing("There is no such camera in this scenario.")
    _touch(session, scenario_id, at)
    return len(gone)


def restore_cameras(session: Session, scenario_id: int, camera_ids: Sequence[int], *, at: datetime) -> int:
    """Take cameras of a scenario back out and return how many."""
    _locked(session, scenario_id)
    back = session.execute(
        text(
            "UPDATE scenario_cameras SET removed_at = NULL, version = version + 1 WHERE scenario_id = :scenario"
            " AND id = ANY (:ids) AND removed_at IS NOT NULL RETURNING id"
        ),
        {"scenario": scenario_id, "ids": list(camera_ids)},
    ).all()
    _touch(session, scenario_id, at)
    return len(back)


def _locked(session: Session, scenario_id: int) -> Row:
    found = session.execute(text("SELECT id FROM scenarios WHERE id = :id FOR UPDATE"), {"id": scenario_id})
    if found.one_or_none() is None:
        raise Missing("There is no such scenario, or it is not shared with you.")
    return find(session, scenario_id)


def _touch(
    session: Session, scenario_id: int, at: datetime | None, *, sets: Sequence[str] = (), values: Row | None = None
) -> None:
    """Count a change of a scenario, with what it sets."""
    every = ", ".join([*sets, "version = version + 1", "changed_at = coalesce(:at, now())"])
    session.execute(
        text(f"UPDATE scenarios SET {every} WHERE id = :id"),  # noqa: S608  names of columns come from the tables here
        dict(values or {}) | {"id": scenario_id, "at": at},
    )


def _area(session: Session, code: str | None) -> tuple[int | None, str]:
    if not code:
        return None, ""
    row = session.execute(text("SELECT id, path::text AS path FROM areas WHERE code = :code"), {"code": code})
    found = row.one_or_none()
    if found is None:
        raise Missing("There is no such area, or it lies outside the areas granted to you.", field="area")
    return int(found.id), str(found.path)


def forget_put_away(session: Session, *, before: datetime) -> int:
    """Remove scenarios, cameras of scenarios and forbidden ground that were put away before that; return how many."""
    gone = 0
    for table in ("scenarios", "scenario_cameras", "forbidden_places"):
        asked = text(f"DELETE FROM {table} WHERE removed_at < :before RETURNING id")  # noqa: S608  one of three words
        gone += len(session.execute(asked, {"before": before}).all())
    return gone
