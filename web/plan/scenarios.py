"""Scenarios and their cameras: made, changed under a version, shared, copied, put away and taken back out.

A scenario is answered as {"id", "version", "name", "note", "shared", "mine", "author", "area", "area_name", "px_per_m",
"cameras", "cost", "created_at", "changed_at", "adopted_at"}, where `cameras` is how many; one that is asked for alone
holds them in "cameras_list", each {"id", "version", "name", "lng", "lat", "bearing_deg", "bearing_doubt_deg",
"hfov_deg", "vfov_deg", "tilt_deg", "height_m", "reach_m", "width_px", "lens", "kind", "cost", "origin", "pole",
"camera_id", "camera_code"}.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify

from data import scenarios, siting
from data.scenarios import MOST_CAMERAS, About
from data.types import Role
from web import forms, permission
from web.context import get_session
from web.permission import allowed, require_account
from web.plan import reading
from web.problems import BadInput
from web.words import mark

bp = Blueprint("scenarios", __name__)


@bp.get("/api/v1/plan/scenarios")
@allowed(Role.VIEWER)
def on_list() -> Response:
    """Return the scenarios that can be seen, the last changed first, as {"scenarios": [...]}."""
    return jsonify(scenarios=[plain(row) for row in scenarios.listed(get_session())])


@bp.post("/api/v1/plan/scenarios")
@allowed(Role.EDITOR, act="scenario.new")
def on_new() -> tuple[Response, int]:
    """Make a scenario: {"name", "area"?, "note"?, "shared"?, "px_per_m"?}, or {"name", "copy_of"} for a copy."""
    sent, session, account = reading.body(), get_session(), require_account().id
    about = About(**({"name": ""} | _about(sent)))
    if not about.name:
        raise BadInput(mark("A scenario needs a name."), field="name")
    if sent.get("copy_of"):
        of = forms.whole(str(sent["copy_of"]), field="copy_of", low=1)
        made = scenarios.copy(session, of, about.name, account_id=account)
    else:
        made = scenarios.add(session, about, account_id=account)
    permission.note(made, name=about.name)
    return _whole(made), 201


@bp.get("/api/v1/plan/scenarios/<int:scenario_id>")
@allowed(Role.VIEWER)
def on_one(scenario_id: int) -> Response:
    """Return one scenario with its cameras and its last computation as "siting", null for none."""
    return _whole(scenario_id)


@bp.patch("/api/v1/plan/scenarios/<int:scenario_id>")
@allowed(Role.EDITOR, act="scenario.edit")
def on_change(scenario_id: int) -> Response:
    """Change what a scenario says of itself: {"version", "name"?, "note"?, "shared"?, "px_per_m"?, "area"?}."""
    sent = reading.body()
    values = _about(sent)
    scenarios.change(get_session(), scenario_id, values, version=reading.version(sent), at=_now())
    permission.note(scenario_id, **values)
    return _whole(scenario_id)


@bp.delete("/api/v1/plan/scenarios/<int:scenario_id>")
@allowed(Role.EDITOR, act="scenario.remove")
def on_remove(scenario_id: int) -> tuple[str, int]:
    """Put a scenario away; undo takes it back out."""
    scenarios.remove(get_session(), scenario_id, at=_now())
    return "", 204


@bp.post("/api/v1/plan/scenarios/<int:scenario_id>/undo")
@allowed(Role.EDITOR, act="scenario.undo")
def on_undo(scenario_id: int) -> Response:
    """Take a scenario back out that was put away."""
    scenarios.restore(get_session(), scenario_id)
    return _whole(scenario_id)


@bp.post("/api/v1/plan/scenarios/<int:scenario_id>/cameras")
@allowed(Role.EDITOR, act="scenario.add_cameras")
def on_add(scenario_id: int) -> tuple[Response, int]:
    """Add one camera, {fields}, or several, {"cameras": [{fields}]}; the answer is the scenario and "added" numbers."""
    sent = reading.body()
    several = sent.get("cameras", [sent])
    added = scenarios.add_cameras(get_session(), scenario_id, reading.cameras(several, most=MOST_CAMERAS), at=_now())
    permission.note(scenario_id, cameras=len(added))
    return _whole(scenario_id, added=added), 201


@bp.patch("/api/v1/plan/scenarios/<int:scenario_id>/cameras/<int:camera_id>")
@allowed(Role.EDITOR, act="scenario.edit_camera")
def on_change_camera(scenario_id: int, camera_id: int) -> Response:
    """Change fields of a camera: {"version", "values": {field: value}}; the answer is the camera."""
    sent, session = reading.body(), get_session()
    values = reading.camera(sent.get("values"), whole=False)
    scenarios.change_camera(session, scenario_id, camera_id, values, version=reading.version(sent), at=_now())
    permission.note(scenario_id, camera=camera_id, fields=sorted(values))
    return jsonify(scenarios.camera(session, scenario_id, camera_id))


@bp.delete("/api/v1/plan/scenarios/<int:scenario_id>/cameras/<int:camera_id>")
@allowed(Role.EDITOR, act="scenario.remove_camera")
def on_remove_camera(scenario_id: int, camera_id: int) -> tuple[str, int]:
    """Put a camera of a scenario away; undo takes it back out."""
    scenarios.remove_cameras(get_session(), scenario_id, [camera_id], at=_now())
    return "", 204


@bp.post("/api/v1/plan/scenarios/<int:scenario_id>/cameras/undo")
@allowed(Role.EDITOR, act="scenario.undo_cameras")
def on_undo_cameras(scenario_id: int) -> Response:
    """Take cameras back out that were put away: {"cameras": [numbers]}; the answer is the scenario."""
    wanted = reading.ids(reading.body().get("cameras"), field="cameras")
    scenarios.restore_cameras(get_session(), scenario_id, wanted, at=_now())
    return _whole(scenario_id)


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a scenario as programs read it: times in ISO form, without its path."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
        if name not in ("path", "removed_at")
    }


def _about(sent: Mapping[str, Any]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    if "name" in sent:
        read["name"] = forms.line(str(sent["name"] or ""), field="name", least=1, most=80)
    if "note" in sent:
        read["note"] = forms.line(str(sent["note"] or ""), field="note", most=500)
    if "shared" in sent:
        read["shared"] = sent["shared"] is True
    if "px_per_m" in sent:
        read["px_per_m"] = reading.density(sent["px_per_m"])
    if "area" in sent:
        read["area"] = forms.line(str(sent["area"] or ""), field="area", most=40) or None
    return read


def _whole(scenario_id: int, **more: Any) -> Response:
    session = get_session()
    found = plain(scenarios.find(session, scenario_id))
    last = siting.last(session, scenario_id)
    run = None if last is None else {"id": last["id"], "state": last["state"]}
    return jsonify(found | {"cameras_list": scenarios.cameras(session, scenario_id), "siting": run} | more)


def _now() -> datetime:
    return datetime.now(UTC)
