"""What the demonstration county needs beyond an import: an empty place to go to, logins of cameras, a made-up past."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data import queue, secrets
from data.health import CAMERA_PASSWORD
from data.sql import query
from data.types import Interval


def is_empty(session: Session) -> bool:
    """Say whether no area and no camera is there."""
    return bool(
        session.execute(text("SELECT NOT EXISTS (SELECT FROM areas) AND NOT EXISTS (SELECT FROM cameras)")).scalar_one()
    )


def set_address(
    session: Session, code: str, *, rtsp_url: str, onvif_url: str | None, username: str, password: str
) -> None:
    """Say how a camera is reached; the password is stored encrypted."""
    session.execute(
        text(
            "UPDATE cameras SET rtsp_url = :rtsp, onvif_url = :onvif, username = :user, password_encrypted = :sealed,"
            " credential_version = credential_version + 1 WHERE code = :code"
        ),
        {
            "rtsp": rtsp_url,
            "onvif": onvif_url,
            "user": username,
            "sealed": secrets.encrypt(password, purpose=CAMERA_PASSWORD),
            "code": code,
        },
    )


def places_of_cameras(session: Session) -> list[Mapping[str, Any]]:
    """Return id, town and village of every camera in use, in the order of codes."""
    rows = session.execute(
        text(
            "SELECT c.id, coalesce(max(v.name) FILTER (WHERE a.level = 'town'), '') AS town,"
            " coalesce(max(v.name) FILTER (WHERE a.level = 'village'), '') AS village FROM cameras c"
            " LEFT JOIN areas a ON a.path @> c.path AND a.path <> ''"
            " LEFT JOIN area_versions v ON v.area_id = a.id AND upper_inf(v.during)"
            " WHERE c.record_state = 'in_use' GROUP BY c.id, c.code ORDER BY c.code"
        )
    )
    return [dict(row) for row in rows.mappings()]


def settle_in(session: Session, *, since: datetime) -> None:
    """Make records as old as their past, with a name on most pictures and a maintaining unit for each town."""
    session.execute(
        text(
            "UPDATE cameras c SET created_at = :since, osd_name = CASE WHEN c.id % 25 > 0 THEN c.name END,"
            " maintaining_unit = CASE (subltree(c.path, 0, 2)::text ~ '[02468]$') WHEN true THEN '示范视频运维一队'"
            " ELSE '示范视频运维二队' END WHERE nlevel(c.path) >= 2"
        ),
        {"since": since},
    )


def add_stretches(session: Session, stretches: Mapping[int, Sequence[Interval]]) -> None:
    """Write the past of cameras, and have it counted."""
    where = {row.id: row for row in session.execute(text("SELECT id, area_id, path::text AS path FROM cameras"))}
    rows = [
        {
            "camera_id": number,
            "area_id": where[number].area_id,
            "path": where[number].path,
            "health": one.health,
            "fault": one.fault,
            "layer": one.layer,
            "since": one.since,
            "until": one.until,
        }
        for number, told in stretches.items()
        for one in told
    ]
    session.execute(query("add_intervals"), {"rows": json.dumps(rows, default=str)})
    queue.ask(session, "count_health", {"timestamp": 0}, once="count_health")


def add_outage(
    session: Session, *, name: str, cause: str, since: datetime, until: datetime, members: Sequence[int]
) -> None:
    """Write an outage that is over, with its members."""
    session.execute(
        text(
            "WITH made AS (INSERT INTO outages (cause_kind, cause_key, name, opened_at, raised_at, closed_at, cause,"
            " members, path) SELECT 'area', :name, :name, :since, CAST(:since AS timestamptz) + interval '2 minutes',"
            " :until, :cause, count(*), path_around(array_agg(path)) FROM cameras WHERE id = ANY (:members)"
            " RETURNING id) INSERT INTO outage_members (outage_id, camera_id, since, until, path)"
            " SELECT made.id, c.id, :since, :until, c.path FROM made, cameras c WHERE c.id = ANY (:members)"
        ),
        {"name": name, "cause": cause, "since": since, "until": until, "members": list(members)},
    )


def add_maintenance(session: Session, camera_id: int, *, since: datetime, until: datetime) -> None:
    """Write a maintenance window of one camera."""
    session.execute(
        text(
            "INSERT INTO maintenance_windows (camera_id, starts_at, ends_at, reason, path)"
            " SELECT id, :since, :until, '线路改造', path FROM cameras WHERE id = :id"
        ),
        {"id": camera_id, "since": since, "until": until},
    )


def change_state(session: Session, camera_id: int, *, at: datetime, before: str, after: str) -> None:
    """Change the state of a record in the past, and remember it."""
    given = {"id": camera_id, "at": at, "before": before, "after": after}
    session.execute(text("UPDATE cameras SET record_state = :after WHERE id = :id"), given)
    session.execute(
        text(
            "INSERT INTO camera_changes (camera_id, at, before, after, path) SELECT id, :at,"
            " jsonb_build_object('record_state', CAST(:before AS text)),"
            " jsonb_build_object('record_state', CAST(:after AS text)), path FROM cameras WHERE id = :id"
        ),
        given,
    )


def add_skews(session: Session, skew_s: Mapping[int, float], *, since: datetime, until: datetime) -> None:
    """Write one look at the clock of each camera for every day of [since, until)."""
    session.execute(
        text(
            "INSERT INTO observation_hours (camera_id, hour, looks, clock_skew_s_min, clock_skew_s_max, path)"
            " SELECT c.id, h, 60, s.value::float, s.value::float, c.path"
            " FROM jsonb_each_text(CAST(:skews AS jsonb)) s JOIN cameras c ON c.id = s.key::bigint,"
            " generate_series(CAST(:since AS timestamptz), CAST(:until AS timestamptz) - interval '2 hours',"
            " interval '1 day') h ON CONFLICT DO NOTHING"
        ),
        {"skews": json.dumps({str(number): skew for number, skew in skew_s.items()}), "since": since, "until": until},
    )
