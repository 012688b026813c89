"""Links of the network: which areas and recorders hang on which, so that a line that breaks is known by its name."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from data import links
from data.types import Role
from web import forms
from web.context import current, get_session
from web.permission import allowed, may, note
from web.problems import NotFound

bp = Blueprint("links", __name__)


@bp.get("/links")
@allowed(Role.VIEWER)
def on_list() -> str:
    """Show the links with what stands behind them."""
    return render_template("links/list.html", links=links.listed(get_session()), may_edit=may(current(), Role.EDITOR))


@bp.post("/links")
@allowed(Role.EDITOR, act="link.new")
def on_new() -> Response:
    """Make a link to an area."""
    name = forms.line(request.form.get("name"), field="name", least=1, most=60)
    links.add(
        get_session(),
        name,
        area=forms.line(request.form.get("area"), field="area", least=1),
        parent=forms.line(request.form.get("parent"), field="parent"),
        note=forms.line(request.form.get("note"), field="note"),
    )
    note(name)
    return redirect(url_for("links.on_list"))


@bp.post("/links/<int:link_id>")
@allowed(Role.EDITOR, act="link.change")
def on_change(link_id: int) -> Response:
    """Put an area or recorder behind a link, take one off, or hang the link on another one."""
    session, form = get_session(), request.form
    if not any(link["id"] == link_id for link in links.listed(session)):
        raise NotFound
    if form.get("free"):
        links.free(session, forms.whole(form["free"], field="free"))
    elif "parent" in form:
        links.hang(session, link_id, forms.line(form["parent"], field="parent"))
    else:
        kind = forms.choice(form.get("kind"), ("area", "recorder"), field="kind")
        end = forms.line(form.get("end"), field="end", least=1)
        links.put_behind(session, link_id, **{kind: end})
    return redirect(url_for("links.on_list"))


@bp.post("/links/<int:link_id>/remove")
@allowed(Role.EDITOR, act="link.remove")
def on_remove(link_id: int) -> Response:
    """Forget a link."""
    name = links.remove(get_session(), link_id)
    if name is None:
        raise NotFound
    note(name)
    return redirect(url_for("links.on_list"))
