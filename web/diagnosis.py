"""What is said of a camera's picture and by which thresholds: of one camera, and of all that have none of their own."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from data import cameras, diagnosis, picture_references, picture_thresholds
from data.thresholds import DEFAULTS, NAMES, sentence
from data.types import Role
from video.picture_checks import REASONS
from web import forms
from web.context import get_session
from web.permission import allowed, may, note, require_account, require_everything
from web.problems import BadInput, NotFound
from web.words import _, mark

bp = Blueprint("diagnosis", __name__)


@bp.get("/cameras/<code>/diagnosis")
@allowed(Role.VIEWER)
def on_camera(code: str) -> str:
    """Show every check of the last picture, what it was compared with, and the thresholds of the camera."""
    session, camera = get_session(), _camera(code)
    return render_template(
        "diagnosis/camera.html",
        camera=camera,
        last=diagnosis.last(session, camera["id"]),
        references=picture_references.of_camera(session, camera["id"]),
        is_turning=camera.get("ptz_type") in picture_references.TURNING,
        rows=_rows(camera["id"]),
        in_words=in_words,
        may_edit=may(require_account(), Role.EDITOR),
    )


@bp.get("/api/v1/cameras/<code>/diagnosis")
@allowed(Role.VIEWER)
def on_camera_api(code: str) -> Response:
    """Return every check of the last picture of a camera, and the thresholds it is judged by."""
    session, camera = get_session(), _camera(code)
    last = diagnosis.last(session, camera["id"])
    return jsonify(
        code=code,
        at=last.at.isoformat() if last else None,
        checks=last.checks if last else {},
        measures=last.measures if last else {},
        thresholds={row["name"]: row["value"] for row in _rows(camera["id"])},
        changed=picture_thresholds.changes_of(session, camera["id"]),
    )


@bp.put("/api/v1/cameras/<code>/thresholds")
@allowed(Role.EDITOR, act="camera.thresholds")
def on_thresholds_api(code: str) -> Response:
    """Set thresholds of a camera from a JSON object of names and values; null puts one back."""
    written = request.get_json()
    if not isinstance(written, dict):
        raise BadInput(mark("Send a JSON object of names and values."))
    camera = _camera(code)
    for name, value in written.items():
        _change(camera["id"], name, None if value is None else forms.number(str(value), field=name))
    note(code, **written)
    return on_camera_api(code)


@bp.post("/cameras/<code>/thresholds")
@allowed(Role.EDITOR, act="camera.thresholds")
def on_thresholds(code: str) -> AnyResponse:
    """Set the thresholds of a camera; what is left empty follows those of all cameras."""
    _change_all(_camera(code)["id"])
    note(code, **_written())
    return redirect(url_for("diagnosis.on_camera", code=code))


@bp.post("/cameras/<code>/references/forget")
@allowed(Role.EDITOR, act="camera.forget_references")
def on_forgetting(code: str) -> AnyResponse:
    """Forget what a camera should show; its next good picture is what it should show from then on."""
    note(code, forgotten=picture_references.forget(get_session(), _camera(code)["id"]))
    return redirect(url_for("diagnosis.on_camera", code=code))


@bp.get("/admin/thresholds")
@allowed(Role.ADMIN)
def on_all() -> str:
    """Show the thresholds of all cameras that have none of their own."""
    return render_template("diagnosis/all.html", rows=_rows(None), may_edit=require_account().sees_everything)


@bp.post("/admin/thresholds")
@allowed(Role.ADMIN, act="threshold.change")
def on_changing_all() -> AnyResponse:
    """Set the thresholds of all cameras; what is left empty goes back to its default."""
    require_everything()
    _change_all(None)
    note("", **_written())
    return redirect(url_for("diagnosis.on_all"))


def in_words(reason: str) -> str:
    """Return the reason of a check in the language of this request; the numbers in it stay."""
    for pattern, source in _patterns():
        found = pattern.fullmatch(reason)
        if found:
            return _(source, **{name: _(value) for name, value in found.groupdict().items()})
    return _(reason)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+?)", _escaped(one))), one) for one in REASONS)


def _escaped(source: str) -> str:
    return re.escape(source.replace("%%", "%"))


def _camera(code: str) -> Mapping[str, Any]:
    camera = cameras.find(get_session(), code)
    if camera is None:
        raise NotFound
    return camera


def _rows(camera_id: int | None) -> list[dict[str, Any]]:
    """Return name, sentence, value and usual value of each threshold, and whether it was changed."""
    session = get_session()
    usual = DEFAULTS if camera_id is None else picture_thresholds.of_all(session)
    changed = picture_thresholds.changes_of(session, camera_id)
    return [
        {
            "name": name,
            "sentence": sentence(name),
            "usual": getattr(usual, name),
            "value": changed.get(name, getattr(usual, name)),
            "is_changed": name in changed,
        }
        for name in NAMES
    ]


def _change_all(camera_id: int | None) -> None:
    usual = {row["name"]: row["usual"] for row in _rows(camera_id)}
    for name, written in _written().items():
        value = forms.number(written, field=name) if written else None
        _change(camera_id, name, None if value == usual.get(name) else value)


def _change(camera_id: int | None, name: str, value: float | None) -> None:
    picture_thresholds.change(get_session(), camera_id, name, value)


def _written() -> dict[str, str]:
    return {name: request.form[name].strip() for name in NAMES if name in request.form}
