"""The wall of the control room: the page, and what it asks for while it is open."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, jsonify, render_template, request, url_for

from data import probers, wall
from data.types import Fault, Health, RecordState, Role
from video import faults
from web import basemaps, forms, modules, permission
from web.answers import compressed, unchanged
from web.context import get_session
from web.permission import allowed, require_account
from web.problems import NotFound
from web.words import _, label

bp = Blueprint("wall", __name__)

JSON = "application/json"
STRIP = timedelta(hours=24)
# What an acknowledgement may take, and the share that must keep to it.
ACKNOWLEDGE_TARGET_S = 15


@bp.get("/wall")
@allowed(Role.VIEWER)
def on_wall() -> str:
    """Show the wall."""
    session = get_session()
    start = {
        "extent": wall.extent(session),
        "basemaps": basemaps.offered(session),
        "timezone": current_app.config["TIMEZONE"],
        "may_answer": permission.may(require_account(), Role.OPERATOR),
        "may_import": permission.may(require_account(), Role.EDITOR),
    }
    scripts = modules.every_module("js/pages/wall.js")
    return render_template("wall/wall.html", start=start, scope=wall.scope_names(session), scripts=scripts)


@bp.get("/api/v1/cameras/points")
@allowed(Role.VIEWER)
def on_points() -> Response:
    """Return every camera on the map as JSON columns; see data.wall.points for their units."""
    session = get_session()
    stamp = wall.points_stamp(session)
    return unchanged(stamp) or compressed(_points(stamp), kind=JSON, etag=stamp)


@bp.get("/api/v1/cameras/health")
@allowed(Role.VIEWER)
def on_health() -> Response:
    """Return the health of every camera on the map as JSON columns."""
    return compressed(wall.health(get_session()).encode(), kind=JSON)


@bp.get("/api/v1/cameras/<int:camera_id>/now")
@allowed(Role.VIEWER)
def on_now(camera_id: int) -> Response:
    """Return one camera as it is now: fault and advice in words, last picture, and the last 24 hours."""
    session = get_session()
    row = wall.camera_now(session, camera_id)
    if row is None:
        raise NotFound
    now = datetime.now(UTC)
    strip = wall.stretches(session, camera_id, until=now, lasting=STRIP)
    return jsonify(_camera(row) | {"strip": _strip(strip, now)})


@bp.get("/api/v1/wall")
@allowed(Role.VIEWER)
def on_state() -> Response:
    """Return what is wrong now, the numbers of the bottom line and the counts per town."""
    session = get_session()
    found = wall.wrong_now(
        session, at_most=forms.whole(request.args.get("most"), field="most", default=40, low=1, high=200)
    )
    midnight = datetime.now(ZoneInfo(current_app.config["TIMEZONE"])).replace(hour=0, minute=0, second=0, microsecond=0)
    return jsonify(
        wrong=[_wrong(row) for row in found],
        lines=found[0]["lines"] if found else 0,
        devices=found[0]["all_devices"] if found else 0,
        numbers=dict(wall.numbers(session, midnight=midnight)) | {"acknowledge_target_s": ACKNOWLEDGE_TARGET_S},
        towns=wall.towns(session),
        cut_off=[{"site": row["probe_site"], "since": _iso(row["cut_off_since"])} for row in probers.cut_off(session)],
    )


@bp.get("/api/v1/search")
@allowed(Role.VIEWER)
def on_search() -> Response:
    """Return areas, places and cameras for the words ?q=."""
    words = forms.line(request.args.get("q"), field="q", most=60)
    return jsonify(found=[dict(row) for row in wall.search(get_session(), words)] if words else [])


@lru_cache(maxsize=8)
def _points(_stamp: str) -> bytes:
    """Return the points of this request's scope; the stamp names that scope, so no other is ever given them."""
    return wall.points(get_session()).encode()


def _wrong(row: wall.Row) -> dict[str, Any]:
    kept = ("id", "outage_id", "code", "name", "area", "area_id", "health", "fault", "layer", "unstable", "devices",
            "lng", "lat")  # fmt: skip
    return {name: row[name] for name in kept} | {
        "since": _iso(row["since"]),
        "why": _why_of_line(row),
        "advice": _advice(row["fault"]),
        "never": row["checked_at"] is None,
    }


def _camera(row: wall.Row) -> dict[str, Any]:
    kept = ("id", "code", "name", "record_state", "address", "bearing_deg", "lng", "lat", "health", "fault", "layer")
    maintained = row["record_state"] == RecordState.REPAIR or row["maintained_until"] is not None
    return {name: row[name] for name in kept} | {
        "maintained": maintained,
        "maintained_until": _iso(row["maintained_until"]),
        "unstable_since": _iso(row["unstable_since"]),
        "outage_id": row["outage_id"],
        "crumbs": row["crumbs"] or [],
        "why": _why(row["health"], row["fault"]),
        "advice": _advice(row["fault"], row["detail"]),
        "detail": row["detail"] if row["fault"] else None,
        "since": _iso(row["since"]),
        "checked_at": _iso(row["checked_at"]),
        "never": row["checked_at"] is None,
        "picture": _picture(row),
    }


def _picture(row: wall.Row) -> dict[str, Any] | None:
    if row["picture_id"] is None:
        return None
    return {
        "id": row["picture_id"],
        "url": url_for("pictures.on_thumbnail", snapshot_id=row["picture_id"]),
        "full_url": url_for("pictures.on_full", snapshot_id=row["picture_id"]),
        "at": _iso(row["pictured_at"]),
    }


def _why_of_line(row: wall.Row) -> str:
    """Return what is wrong of a line; an outage bears the kind of what is out as its code."""
    if row["outage_id"]:
        return label("OutageKind", row["code"])
    words = (_("Comes and goes") if row["unstable"] else "", _why(row["health"], row["fault"]))
    return " · ".join(word for word in words if word)


def _why(health: str, fault: str | None) -> str:
    """Return what is wrong in a few words; a device that is only silent is said to be so."""
    if fault:
        return label("Fault", fault)
    return _("No look has reached it lately; not judged offline") if health == Health.UNKNOWN else ""


def _advice(fault: str | None, detail: str | None = None) -> str:
    return _(faults.advice(Fault(fault), detail or "")) if fault else ""


def _strip(stretches: list[wall.Row], now: datetime) -> list[dict[str, Any]]:
    """Return the stretches in shares of the strip, 0 a day ago and 1 now."""
    began = now - STRIP
    return [
        {
            "health": row["health"],
            "why": _why(row["health"], row["fault"]),
            "from": (row["since"] - began) / STRIP,
            "to": (row["until"] - began) / STRIP,
            "since": _iso(row["since"]),
            "until": _iso(row["until"]),
        }
        for row in stretches
    ]


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
