"""What was changed in the record of a camera, in words: before and after, by whom, why, and what can be undone."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request

from data import camera_changes, cameras
from data.records import CAMERAS
from data.types import Role
from web import fields, forms, permission
from web.context import get_session
from web.permission import allowed, require_account
from web.problems import NotFound
from web.words import _, mark

bp = Blueprint("camera_history", __name__)

PAGE = 50
# What the program itself writes as the reason; the rest are the words of whoever changed it.
REASONS = (
    (re.compile(r"bulk"), mark("changed for many at once")),
    (re.compile(r"login"), mark("new login of the device")),
    (re.compile(r"undo (?P<n>\d+)"), mark("undoes change %(n)s")),
    (re.compile(r"import (?P<file>.+)"), mark("import of %(file)s")),
)
_NOT_OF_THE_RECORD = {"password": mark("Password")}


@bp.get("/cameras/<code>/changes")
@allowed(Role.VIEWER)
def on_changes(code: str) -> str:
    """Show every change of a record, the newest first, ?page= by page."""
    session, page = get_session(), forms.page(request.args, size=PAGE, most=PAGE)
    camera = cameras.find(session, code)
    if camera is None:
        raise NotFound
    found = camera_changes.history(session, camera["id"], at_most=PAGE + 1, offset=page.offset)
    return render_template(
        "cameras/changes.html",
        camera=camera,
        changes=told(found[:PAGE], camera),
        page=page,
        has_more=len(found) > PAGE,
        may_edit=permission.may(require_account(), Role.EDITOR),
        start={"code": camera["code"], "version": camera["version"]},
    )


def told(changes: Sequence[Mapping[str, Any]], camera: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return changes as a page shows them: each with `lines` of title, before and after, and `can_undo`."""
    return [
        {**one, "reason": _reason(one["reason"]), "lines": _lines(one), "can_undo": _can_undo(one, camera)}
        for one in changes
    ]


def _reason(written: str) -> str:
    for pattern, sentence in REASONS:
        found = pattern.fullmatch(written)
        if found:
            return _(sentence, **found.groupdict())
    return written


def _lines(change: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    names = [*change["before"], *(name for name in change["after"] if name not in change["before"])]
    return [(_title(name), _words(name, change["before"]), _words(name, change["after"])) for name in names]


def _title(name: str) -> str:
    if name in CAMERAS.by_name and name not in _NOT_OF_THE_RECORD:
        return fields.title(CAMERAS.by_name[name])
    return _(_NOT_OF_THE_RECORD.get(name, name))


def _words(name: str, values: Mapping[str, Any]) -> str:
    value = values.get(name)
    if name in ("lng", "lat") and isinstance(value, float):
        return f"{value:.7f}"
    field = CAMERAS.by_name.get(name)
    return fields.in_words(value, field) if field else str(value or "")


def _can_undo(change: Mapping[str, Any], camera: Mapping[str, Any]) -> bool:
    """Say whether what a change wrote is still what the record holds, so that undoing it takes nothing else away."""
    editable = [name for name in change["after"] if name in camera_changes.EDITABLE and name in change["before"]]
    return bool(editable) and all(_as_kept(camera.get(name)) == change["after"][name] for name in editable)


def _as_kept(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
