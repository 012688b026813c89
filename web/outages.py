"""Outages: what was lost together, open and past, who its members are, and why it was."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from data import outage_pages, probers
from data.types import OutageCause, Role
from web import forms
from web.context import current, get_session
from web.permission import allowed, may, note
from web.problems import BadInput, NotFound
from web.words import mark

bp = Blueprint("outages", __name__)

PAGE = 50
MEMBERS = 100


@bp.get("/outages")
@allowed(Role.VIEWER)
def on_list() -> str:
    """Show the outages that last, and those that are over, page by page."""
    session, page = get_session(), forms.page(request.args, size=PAGE)
    past = outage_pages.listed(session, is_open=False, limit=page.size, offset=page.offset)
    return render_template(
        "outages/list.html",
        open=outage_pages.listed(session, is_open=True, limit=500),
        past=past,
        page=page,
        pages=-(-past[0]["all"] // page.size) if past else 1,
        cut_off=probers.cut_off(session),
    )


@bp.get("/outages/<int:outage_id>")
@allowed(Role.VIEWER)
def on_one(outage_id: int) -> str:
    """Show one outage with its members."""
    session, page = get_session(), forms.page(request.args, size=MEMBERS)
    found = _one(outage_id)
    return render_template(
        "outages/one.html",
        outage=found,
        members=outage_pages.members(session, outage_id, limit=page.size, offset=page.offset),
        causes=list(OutageCause),
        page=page,
        pages=max(1, -(-found["lost"] // page.size)),
        may_edit=may(current(), Role.OPERATOR) or may(current(), Role.EDITOR),
    )


@bp.post("/outages/<int:outage_id>/cause")
@allowed(Role.OPERATOR, act="outage.cause")
def on_cause(outage_id: int) -> AnyResponse:
    """Write why an outage was."""
    cause = forms.word(request.form.get("cause"), OutageCause, field="cause") or OutageCause.UNKNOWN
    words = forms.line(request.form.get("note"), field="note", most=500)
    found = _one(outage_id)
    if not outage_pages.set_cause(get_session(), outage_id, cause, words):
        raise BadInput(mark("This outage is wider than your area; who answers for all of it writes its cause."))
    note(found["name"], before=found["cause"], after=str(cause))
    return redirect(url_for("outages.on_one", outage_id=outage_id))


@bp.get("/api/v1/outages")
@allowed(Role.VIEWER)
def on_api() -> Response:
    """Return the open outages, or with ?open=0 past ones."""
    page = forms.page(request.args, size=PAGE)
    found = outage_pages.listed(
        get_session(), is_open=request.args.get("open") != "0", limit=page.size, offset=page.offset
    )
    return jsonify(outages=[_plain(row) for row in found])


@bp.get("/api/v1/outages/<int:outage_id>")
@allowed(Role.VIEWER)
def on_api_one(outage_id: int) -> Response:
    """Return one outage with its first ?most= members."""
    most = forms.whole(request.args.get("most"), field="most", default=MEMBERS, low=1, high=10_000)
    members = outage_pages.members(get_session(), outage_id, limit=most)
    return jsonify(_plain(_one(outage_id)) | {"members": [_plain(row) for row in members]})


def _one(outage_id: int) -> outage_pages.Row:
    found = outage_pages.one(get_session(), outage_id)
    if found is None:
        raise NotFound
    return found


def _plain(row: outage_pages.Row) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
