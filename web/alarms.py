"""Open alarms and answering them."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request, url_for

from data import alarms, persons
from data.errors import Taken
from data.types import AlarmState, Role
from desk.alarms import Finding, Move, NotAllowed, after
from web import forms
from web.context import get_session
from web.permission import allowed, note, require_account
from web.problems import BadInput, NotFound
from web.words import mark

bp = Blueprint("alarms", __name__)


@bp.get("/api/v1/alarms/open")
@allowed(Role.VIEWER)
def on_open() -> Response:
    """Return the alarms that somebody must answer, each with the working cameras for its place."""
    session = get_session()
    return jsonify(alarms=[_alarm(one) | {"cameras": _cameras(one)} for one in alarms.open_alarms(session)])


@bp.get("/api/v1/places/seen-by")
@allowed(Role.VIEWER)
def on_seen_by() -> Response:
    """Return the working cameras for the place ?lng=&lat=, those that see it first."""
    lng = forms.number(request.args.get("lng"), field="lng", low=-180, high=180)
    lat = forms.number(request.args.get("lat"), field="lat", low=-90, high=90)
    return jsonify(cameras=_cameras({"lng": lng, "lat": lat}))


@bp.post("/api/v1/alarms/<int:alarm_id>/acknowledge")
@allowed(Role.OPERATOR, act="alarm.acknowledge")
def on_acknowledge(alarm_id: int) -> Response:
    """Take an alarm in hand."""
    _check(alarm_id, Move.ACKNOWLEDGE)
    moved = alarms.acknowledge(get_session(), alarm_id, account_id=require_account().id, at=datetime.now(UTC))
    return _answer(moved)


@bp.post("/api/v1/alarms/<int:alarm_id>/close")
@allowed(Role.OPERATOR, act="alarm.close")
def on_close(alarm_id: int) -> Response:
    """Close an acknowledged alarm with what it turned out to be."""
    said: dict[str, Any] = request.get_json(silent=True) or {}
    finding = forms.word(str(said.get("finding") or ""), Finding, field="finding")
    remark = forms.line(str(said.get("note") or ""), field="note", most=500)
    if persons.personal_data_in(remark):
        raise BadInput(
            mark("The note holds the number of an ID card or a mobile phone. Write what happened, not who."),
            field="note",
        )
    _check(alarm_id, Move.CLOSE, finding=finding)
    note(finding=finding)
    moved = alarms.close(
        get_session(),
        alarm_id,
        account_id=require_account().id,
        at=datetime.now(UTC),
        finding=str(finding),
        note=remark,
    )
    return _answer(moved)


def _check(alarm_id: int, move: Move, *, finding: Finding | None = None) -> None:
    found = alarms.state_of(get_session(), alarm_id)
    if found is None:
        raise NotFound
    try:
        after(AlarmState(found[0]), move, finding=finding)
    except NotAllowed as refusal:
        raise Taken(str(refusal)) from refusal


def _answer(moved: bool) -> Response:
    if not moved:
        raise Taken(mark("Somebody else was faster with this alarm. The list shows what they did."))
    return jsonify(done=True)


def _alarm(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "button": {name: row[name] for name in ("code", "name", "place", "duty_line")},
        "lng": row["lng"],
        "lat": row["lat"],
        "state": row["state"],
        "raised_at": _iso(row["raised_at"]),
        "acknowledged_at": _iso(row["acknowledged_at"]),
        "presses": row["presses"],
        "cell": " ▸ ".join((row["crumbs"] or [])[1:]),
        "road": row["road"],
        "post": {"name": row["post"], "unit": row["post_unit"], "duty_line": row["post_duty_line"]},
    }


def _cameras(place: dict[str, Any]) -> list[dict[str, Any]]:
    if place["lng"] is None:
        return []
    return [_camera(one) for one in alarms.cameras_seeing(get_session(), lng=place["lng"], lat=place["lat"])]


def _camera(row: dict[str, Any]) -> dict[str, Any]:
    picture = None
    if row["snapshot_id"]:
        picture = {
            "url": url_for("pictures.on_thumbnail", snapshot_id=row["snapshot_id"]),
            "full_url": url_for("pictures.on_full", snapshot_id=row["snapshot_id"]),
            "at": _iso(row["snapshot_at"]),
        }
    kept = ("id", "code", "name", "sees", "health")
    return {name: row[name] for name in kept} | {"distance_m": round(row["distance_m"]), "picture": picture}


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
