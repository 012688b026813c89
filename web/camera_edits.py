"""Changing cameras from pages and programs: one record, many at once, undo, login, and looking now."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from data import camera_changes, cameras, completeness, queue
from data.cameras import Filter
from data.records import CAMERAS, Field, Shape
from data.turns import ask_for_look
from data.types import Role
from web import fields, forms, permission
from web.context import get_session
from web.permission import allowed, require_account
from web.problems import BadInput, NotFound
from web.words import mark

bp = Blueprint("camera_edits", __name__)
_SAMPLE = 12
_PLACE = {
    "lng": Field(name="lng", zh=("经度",), shape=Shape.NUMBER, low=-180, high=180),
    "lat": Field(name="lat", zh=("纬度",), shape=Shape.NUMBER, low=-90, high=90),
}


@bp.get("/api/v1/cameras/<code>")
@allowed(Role.VIEWER)
def on_record(code: str) -> Response:
    """Return one record with its state; never its password."""
    return jsonify(_found(code))


@bp.patch("/api/v1/cameras/<code>")
@allowed(Role.EDITOR, act="camera.edit")
def on_change(code: str) -> Response:
    """Change fields of a record: {"version", "reason"?, "values": {field: value}}; a new place finds its area."""
    body = _body()
    values = body.get("values")
    if not isinstance(values, dict) or not values:
        raise BadInput(mark("Send the changed fields as an object named values."), field="values")
    read = {str(name): _read(str(name), written) for name, written in values.items()}
    reason = forms.line(str(body.get("reason") or ""), field="reason", most=200)
    camera_changes.change(
        get_session(), code, read, version=_version(body), at=_now(), account_id=require_account().id, reason=reason
    )
    permission.note(code, fields=sorted(read))
    return _after(code)


@bp.post("/api/v1/cameras/<code>/undo")
@allowed(Role.EDITOR, act="camera.undo")
def on_undo(code: str) -> Response:
    """Put back what one change replaced: {"version", "change"}."""
    body = _body()
    change = forms.whole(str(body.get("change") or ""), field="change", low=1)
    camera_changes.undo(get_session(), code, change, version=_version(body), at=_now(), account_id=require_account().id)
    permission.note(code, change=change)
    return _after(code)


@bp.put("/api/v1/cameras/<code>/login")
@allowed(Role.EDITOR, act="camera.login")
def on_login(code: str) -> Response:
    """Set the login of the device: {"username", "password"}; an empty password keeps the one there is."""
    body = _body()
    username = forms.line(str(body.get("username") or ""), field="username", most=100)
    password = str(body.get("password") or "")[:200]
    session = get_session()
    camera_changes.set_login(
        session, code, username=username, password=password or None, at=_now(), account_id=require_account().id
    )
    permission.note(code, username=username, new_password=bool(password))
    ask_for_look(session, [_found(code)["id"]])
    return _after(code)


@bp.post("/api/v1/cameras/<code>/look")
@allowed(Role.OPERATOR, act="camera.look")
def on_look(code: str) -> tuple[Response, int]:
    """Look at a camera before all others; the answer comes over push when it was looked at."""
    session, camera = get_session(), _found(code)
    ask_for_look(session, [camera["id"]])
    queue.ask_as_account(session, "look_now", {"camera_id": camera["id"]})
    permission.note(code)
    return jsonify(asked=True, id=camera["id"]), 202


@bp.post("/api/v1/cameras/bulk")
@allowed(Role.EDITOR, act="camera.bulk")
def on_bulk() -> Response:
    """Set one field of many cameras, or with "apply": false say what would change.

    {"codes": [...]} or {"filter": {...}}, "field", "value", "apply".
    """
    body, session = _body(), get_session()
    field = CAMERAS.by_name.get(str(body.get("field")))
    if field is None or not field.is_editable:
        raise BadInput(mark("Choose a field that can be changed."), field="field")
    value = fields.value_of(body.get("value"), field)
    codes = _codes(body)
    differing = camera_changes.would_change(session, codes, field.name, value)
    if body.get("apply") is True:
        camera_changes.change_many(
            session, codes, field.name, value, at=_now(), account_id=require_account().id, reason="bulk"
        )
    permission.note("cameras", field=field.name, cameras=len(differing), applied=body.get("apply") is True)
    shown = [row | {"value": fields.in_words(row["value"], field)} for row in map(dict, differing[:_SAMPLE])]
    return jsonify(chosen=len(codes), changes=len(differing), shown=shown, value=fields.in_words(value, field))


def _codes(body: dict[str, Any]) -> list[str]:
    if isinstance(body.get("codes"), list):
        return [str(code) for code in body["codes"]][: cameras.DEEPEST_ROW]
    given = body.get("filter")
    if not isinstance(given, dict):
        raise BadInput(mark("Say which cameras: codes or filter."), field="codes")
    wanted = Filter(
        words=str(given.get("q") or ""),
        health=str(given.get("health") or ""),
        record_state=str(given.get("state") or ""),
        monitor_class=forms.whole(str(given.get("class") or ""), field="class", default=0) or None,
        fault=str(given.get("fault") or ""),
        area=str(given.get("area") or ""),
        missing=forms.choice(
            str(given.get("missing") or ""), ("", "any", "none", *completeness.RULED), field="missing"
        ),
    )
    return cameras.codes(get_session(), wanted)


def _read(name: str, written: object) -> Any:
    field = _PLACE.get(name) or CAMERAS.by_name.get(name)
    if field is None or name not in camera_changes.EDITABLE:
        raise BadInput(mark("%(name)s is no field that can be changed."), field=name, name=name)
    value = fields.value_of(written, field)
    if name in _PLACE and value is None:
        raise BadInput(mark("A place needs both longitude and latitude."), field=name)
    return value


def _after(code: str) -> Response:
    """Answer with the record as it is now, and have its view computed anew."""
    camera = _found(code)
    queue.ask_as_account(get_session(), "update_coverage", {})
    return jsonify(camera)


def _found(code: str) -> dict[str, Any]:
    camera = cameras.find(get_session(), code)
    if camera is None:
        raise NotFound
    return {name: value for name, value in camera.items() if name not in ("path", "facts")}


def _version(body: dict[str, Any]) -> int:
    return forms.whole(str(body.get("version") or ""), field="version", low=1)


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadInput(mark("Send one JSON object."))
    return body


def _now() -> datetime:
    return datetime.now(UTC)
