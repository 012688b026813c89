"""One-key alarm buttons: where they stand, how they are, what they raised, and the secret they sign with."""

import secrets

from flask import Blueprint, Response, jsonify, render_template

from data import alarms, buttons
from data.types import Role
from web.context import current, get_session
from web.permission import allowed, may
from web.problems import NotFound

bp = Blueprint("buttons", __name__)


@bp.get("/buttons")
@allowed(Role.VIEWER)
def on_list() -> str:
    """Show every button with its health, and the latest alarms."""
    session = get_session()
    listed = buttons.listing(session)
    in_use = [one for one in listed if one["record_state"] == "in_use"]
    return render_template(
        "buttons/list.html",
        buttons=listed,
        alarms=alarms.history(session),
        may_edit=may(current(), Role.EDITOR),
        in_use=len(in_use),
        online=sum(one["health"] == "online" for one in in_use),
        never_pressed=sum(one["pressed_at"] is None for one in in_use),
    )


@bp.get("/api/v1/buttons")
@allowed(Role.VIEWER)
def on_api() -> Response:
    """Return every button with its place and health, worst first."""
    return jsonify(buttons=buttons.listing(get_session()))


@bp.get("/buttons/<code>/secret")
@allowed(Role.EDITOR)
def on_secret(code: str) -> str:
    """Ask whether a button shall have a new secret."""
    found = buttons.one(get_session(), code)
    if found is None:
        raise NotFound
    return render_template("buttons/confirm.html", button=found)


@bp.post("/buttons/<code>/secret")
@allowed(Role.EDITOR, act="button.new-secret")
def on_new_secret(code: str) -> Response:
    """Give a button a new secret and show it this once; the former one stops working."""
    session = get_session()
    found = buttons.one(session, code)
    if found is None:
        raise NotFound
    secret = secrets.token_urlsafe(24)
    buttons.set_secret(session, code, secret)
    answer = Response(render_template("buttons/secret.html", button=found, secret=secret))
    answer.headers["Cache-Control"] = "no-store"
    return answer
