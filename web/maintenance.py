"""Maintenance windows: make one for a camera, an area or a link, end it early, see what runs and what comes."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from data import maintenance
from data.maintenance import KINDS, REPEATS, Turns
from data.types import Role
from web import forms
from web.context import current, get_session
from web.permission import allowed, may, note, require_account
from web.problems import NotFound

bp = Blueprint("maintenance", __name__)


@bp.get("/maintenance")
@allowed(Role.VIEWER)
def on_list() -> str:
    """Show the windows that run or will, and those that are over."""
    session, now = get_session(), datetime.now(UTC)
    return render_template(
        "maintenance/list.html",
        windows=maintenance.listed(session, now=now),
        over=maintenance.listed(session, now=now, is_over=True, limit=50),
        kinds=KINDS,
        repeats=list(REPEATS),
        now=now,
        later=now + timedelta(hours=2),
        given=request.args,
        may_edit=may(current(), Role.EDITOR),
    )


@bp.post("/maintenance")
@allowed(Role.EDITOR, act="maintenance.new")
def on_new() -> Response:
    """Make a window."""
    session = get_session()
    kind = forms.choice(request.form.get("kind"), KINDS, field="kind")
    of = maintenance.place(session, kind, forms.line(request.form.get("place"), field="place", least=1))
    until = request.form.get("until", "").strip()
    turns = Turns(
        starts_at=forms.moment(request.form.get("starts_at"), field="starts_at"),
        ends_at=forms.moment(request.form.get("ends_at"), field="ends_at"),
        timezone=current_app.config["TIMEZONE"],
        repeats=forms.choice(request.form.get("repeats"), REPEATS, field="repeats", default="never"),
        ended_at=forms.start_of(forms.day(until, field="until") + timedelta(days=1)) if until else None,
    )
    reason = forms.line(request.form.get("reason"), field="reason", most=200)
    made = maintenance.add(session, of, turns, reason=reason, account_id=require_account().id)
    note(of.name, window=made, starts_at=turns.starts_at.isoformat(), ends_at=turns.ends_at.isoformat())
    return redirect(url_for("maintenance.on_list"))


@bp.post("/maintenance/<int:window_id>/end")
@allowed(Role.EDITOR, act="maintenance.end")
def on_end(window_id: int) -> Response:
    """End a window now, with all turns that would follow."""
    if maintenance.end(get_session(), window_id, now=datetime.now(UTC)) is None:
        raise NotFound
    return redirect(url_for("maintenance.on_list"))
