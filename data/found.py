"""Devices found on the network: kept with their standing, listed, and added to the record."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data import secrets
from data.errors import Missing, Taken
from data.events import as_json
from data.health import CAMERA_PASSWORD
from data.looks import Credential
from data.sql import query

Row = Mapping[str, Any]

_KEPT = (
    "network_id, known_by, ip, standing, camera_id, moved_from, changes, mac, uuid, serial, vendor, model, firmware,"
    " said_name, rtsp_port, onvif_url, asks_login"
)


def recorded(session: Session) -> list[Row]:
    """Return what cameras are told apart by: id, code, their addresses as written, and identities, a row for each.

    What was found at a camera before speaks for it, rather than what it said at the last look: otherwise a device
    that was exchanged would be its own witness.
    """
    return [dict(row) for row in session.execute(query("recorded_devices")).mappings()]


def keep(session: Session, rows: Iterable[Row], *, run_id: int | None, now: datetime) -> None:
    """Write found devices; one that was known by its address only is replaced by what it is known by now."""
    kept = [dict(row) | {"changes": json.dumps(row["changes"]), "run_id": run_id, "now": now} for row in rows]
    if not kept:
        return
    session.execute(
        text(
            "DELETE FROM found_devices WHERE known_by <> :known_by"
            " AND known_by IN ('ip:' || :ip, 'camera:' || CAST(:camera_id AS text))"
        ),
        kept,
    )
    session.execute(query("keep_found"), kept)


def of_run(session: Session, run_id: int) -> list[Row]:
    """Return the devices found in a run so far."""
    asked = text(f"SELECT {_KEPT} FROM found_devices WHERE run_id = :run")  # noqa: S608  our own columns
    return [dict(row) for row in session.execute(asked, {"run": run_id}).mappings()]


def mark_gone(
    session: Session, cameras: Sequence[Row], *, network_ids: Sequence[int], run_id: int, now: datetime
) -> None:
    """Write what answers no more: cameras (id and ip), and devices found in these networks before and not now."""
    named = {"networks": list(network_ids), "run": run_id}
    session.execute(text(_SUPERSEDED), named)
    session.execute(
        text(
            "UPDATE found_devices SET standing = 'gone', moved_from = NULL WHERE network_id = ANY (:networks)"
            " AND run_id IS DISTINCT FROM :run AND standing <> 'outside'"
        ),
        named,
    )
    lost = [{"id": one["id"], "ip": one["ip"], "now": now, "run": run_id} for one in cameras]
    if lost:
        session.execute(query("lost_cameras"), lost)


def listed(
    session: Session, *, standing: str = "", network_id: int | None = None, limit: int, offset: int = 0
) -> list[Row]:
    """Return found devices with the name of their network and their camera, in the order of addresses."""
    rows = session.execute(
        query("found_devices"),
        {"standing": standing, "network": network_id, "limit": limit, "offset": offset},
    )
    return [dict(row) for row in rows.mappings()]


def count(session: Session, *, standing: str = "", network_id: int | None = None) -> int:
    """Return how many found devices match."""
    asked = text(f"SELECT count(*) FROM found_devices f {_WHERE}")  # noqa: S608  a constant
    return int(session.execute(asked, {"standing": standing, "network": network_id}).scalar_one())


def count_by_standing(session: Session) -> dict[str, int]:
    """Return how many found devices stand how."""
    rows = session.execute(text("SELECT standing, count(*) AS devices FROM found_devices GROUP BY standing"))
    return {row.standing: row.devices for row in rows}


def find(session: Session, found_id: int) -> Row:
    """Return one found device with the version of its camera. Raises Missing."""
    row = session.execute(
        text(
            "SELECT f.*, c.code AS camera_code, c.version AS camera_version, c.rtsp_url AS camera_rtsp_url,"
            " c.onvif_url AS camera_onvif_url, c.ipv4 AS camera_ipv4, c.ipv6 AS camera_ipv6"
            " FROM found_devices f LEFT JOIN cameras c ON c.id = f.camera_id WHERE f.id = :id"
        ),
        {"id": found_id},
    ).mappings().one_or_none()  # fmt: skip
    if row is None:
        raise Missing("There is no such device any more.")
    return dict(row)


def forget(session: Session, found_id: int) -> None:
    """Forget a found device; the next search finds it anew if it is there."""
    session.execute(text("DELETE FROM found_devices WHERE id = :id"), {"id": found_id})


def settle(session: Session, found_id: int) -> None:
    """Take a device as what its camera is from now on; what was found there before no longer speaks for it."""
    session.execute(
        text(
            "DELETE FROM found_devices o USING found_devices f WHERE f.id = :id AND o.camera_id = f.camera_id"
            " AND o.id <> f.id"
        ),
        {"id": found_id},
    )
    session.execute(
        text("UPDATE found_devices SET standing = 'known', moved_from = NULL, changes = '{}' WHERE id = :id"),
        {"id": found_id},
    )


def add_camera(
    session: Session,
    found_id: int,
    record: Row,
    *,
    credential: Credential | None,
    at: datetime,
    account_id: int | None,
    reason: str,
) -> int:
    """Make a camera of a found device and return its id; raise Taken for a code that is there.

    `record` holds code, name, area_id and what the device tells of itself, by column.
    """
    if session.execute(text("SELECT 1 FROM cameras WHERE code = :code"), record).one_or_none():
        raise Taken("There is a camera with the code %(code)s already.", field="code", code=record["code"])
    sealed = secrets.encrypt(credential.password, purpose=CAMERA_PASSWORD) if credential else None
    camera_id = session.execute(
        query("add_found_camera"),
        dict(record) | {"username": credential.user if credential else None, "sealed": sealed, "at": at},
    ).scalar_one()
    after = {name: value for name, value in record.items() if value is not None and name != "area_id"}
    session.execute(
        text(
            "INSERT INTO camera_changes (camera_id, at, account_id, reason, before, after, path)"
            " SELECT id, :at, :account, :reason, '{}', CAST(:after AS jsonb), path FROM cameras WHERE id = :id"
        ),
        {"id": camera_id, "at": at, "account": account_id, "reason": reason, "after": as_json(after)},
    )
    session.execute(
        text("UPDATE found_devices SET camera_id = :camera, standing = 'known', changes = '{}' WHERE id = :id"),
        {"camera": camera_id, "id": found_id},
    )
    return int(camera_id)


# A device that is known by something better now leaves a row of its old name behind.
_SUPERSEDED = """
DELETE FROM found_devices old USING found_devices seen WHERE old.network_id = ANY (:networks)
AND old.run_id IS DISTINCT FROM :run AND seen.run_id = :run AND seen.standing = 'known'
AND seen.camera_id = old.camera_id AND seen.id <> old.id AND old.ip = seen.ip
"""
_WHERE = (
    "WHERE (:standing = '' OR f.standing = :standing) AND (CAST(:network AS bigint) IS NULL OR f.network_id = :network)"
)
