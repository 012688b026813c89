"""Limits per class of cameras: how soon a loss is told, and when a camera is called unstable."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from data import limits
from data.types import Role
from web import forms
from web.context import get_session
from web.permission import allowed, note, require_account, require_everything

bp = Blueprint("limits", __name__, url_prefix="/admin/limits")


@bp.get("")
@allowed(Role.ADMIN)
def on_list() -> str:
    """Show every limit of every class."""
    return render_template(
        "admin/limits.html",
        editable=limits.EDITABLE,
        limits=limits.by_class(get_session()),
        defaults=limits.DEFAULTS,
        may_change=require_account().sees_everything,
    )


@bp.post("/<int:monitor_class>")
@allowed(Role.ADMIN, act="limit.change")
def on_change(monitor_class: int) -> Response:
    """Set the limits of a class; what is left empty goes back to its default."""
    require_everything()
    session = get_session()
    for known in limits.EDITABLE:
        written = request.form.get(known.name, "").strip()
        value = forms.number(written, field=known.name) if written else None
        default = getattr(limits.DEFAULTS.get(monitor_class), known.name, None)
        limits.change(session, monitor_class, known.name, None if value == default else value)
    note(monitor_class, **{name: value for name, value in request.form.items() if name != "csrf_token"})
    return redirect(url_for("limits.on_list"))
