"""The tree of areas with its posts (三定一包): who answers for a cell, which are vacant, and where they lie."""

from dataclasses import asdict, replace
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from data import areas, wall
from data.areas import Detail, Node
from data.types import Role
from web import basemaps, forms, permission, sheets
from web.context import get_session
from web.permission import allowed
from web.problems import BadInput
from web.words import _, mark, say

bp = Blueprint("areas", __name__)

PAGE = 200
HEADERS = {
    "code": mark("Cell code"),
    "cell": mark("Cell"),
    "crumbs": mark("Belongs to"),
    "post": mark("Post"),
    "unit": mark("Unit"),
    "duties": mark("Duties"),
    "staffed": mark("Staffed"),
    "duty_line": mark("Duty line"),
}


@bp.get("/areas")
@allowed(Role.VIEWER)
def on_areas() -> str:
    """Show the tree; the scripts of the page fetch the rest."""
    chosen = forms.whole(request.args.get("area"), field="area", default=0)
    trail = areas.ancestors(get_session(), chosen) if chosen else []
    start = {
        "chosen": chosen or None,
        "trail": trail,
        "may_edit": permission.may(permission.require_account(), Role.EDITOR),
        "extent": wall.extent(get_session()),
        "basemaps": basemaps.offered(get_session()),
    }
    return render_template("areas/areas.html", start=start, duties=areas.DUTIES)


@bp.get("/api/v1/areas")
@allowed(Role.VIEWER)
def on_children() -> Response:
    """List the areas right below ?parent=, or the topmost ones; or those that ?q= finds."""
    words = forms.line(request.args.get("q"), field="q", most=60)
    page = forms.page(request.args, size=PAGE)
    if words:
        found = areas.search(get_session(), words)
        return jsonify(areas=[_node(one) for one in found])
    parent = forms.whole(request.args.get("parent"), field="parent", default=0) or None
    found = areas.children(get_session(), parent, limit=page.size + 1, offset=page.offset)
    return jsonify(areas=[_node(one) for one in found[: page.size]], more=len(found) > page.size)


@bp.get("/api/v1/areas/<int:area_id>")
@allowed(Role.VIEWER)
def on_area(area_id: int) -> Response:
    """Return one area with its posts."""
    return jsonify(_detail(areas.detail(get_session(), area_id)))


@bp.get("/api/v1/areas/<int:area_id>/boundary")
@allowed(Role.VIEWER)
def on_boundary(area_id: int) -> Response:
    """Return the boundary of one area as GeoJSON."""
    response = jsonify(areas.boundary(get_session(), area_id))
    response.content_type = "application/geo+json"
    return response


@bp.get("/api/v1/areas/vacant")
@allowed(Role.VIEWER)
def on_vacant() -> Response:
    """List the cells without a staffed post below ?under=, and say how many there are."""
    under = forms.whole(request.args.get("under"), field="under", default=0) or None
    page = forms.page(request.args, size=PAGE)
    found, count = areas.vacant_cells(get_session(), under, limit=page.size, offset=page.offset)
    return jsonify(areas=[_node(one) for one in found], count=count)


@bp.post("/api/v1/areas/<int:area_id>/posts")
@allowed(Role.EDITOR, act="post.add")
def on_new_post(area_id: int) -> tuple[Response, int]:
    """Give a cell a post; it is vacant at first."""
    name = forms.line(_body().get("name"), field="name", least=1, most=60)
    made = areas.add_post(get_session(), area_id, name=name)
    permission.note(made.id, area=area_id, name=name)
    return jsonify(asdict(made)), 201


@bp.put("/api/v1/posts/<int:post_id>")
@allowed(Role.EDITOR, act="post.edit")
def on_post(post_id: int) -> Response:
    """Write a post as it should be from now on."""
    before = areas.post(get_session(), post_id)
    after = areas.change_post(get_session(), replace(before, **_written()))
    changed = {key: [old, asdict(after)[key]] for key, old in asdict(before).items() if asdict(after)[key] != old}
    permission.note(post_id, area=after.area_id, changed=changed)
    return jsonify(asdict(after))


@bp.delete("/api/v1/posts/<int:post_id>")
@allowed(Role.EDITOR, act="post.remove")
def on_removing_post(post_id: int) -> tuple[str, int]:
    """Remove a post."""
    before = areas.post(get_session(), post_id)
    areas.remove_post(get_session(), post_id)
    permission.note(post_id, area=before.area_id, name=before.name)
    return "", 204


@bp.get("/areas/posts.<any(xlsx, csv):form>")
@allowed(Role.VIEWER, act="post.export")
def on_export(form: str) -> Response:
    """Hand out every cell with its posts below ?under= as a table; vacant cells too."""
    under = forms.whole(request.args.get("under"), field="under", default=0) or None
    rows = [
        {**row, "staffed": _("yes") if row["staffed"] else _("no")} for row in areas.posts_below(get_session(), under)
    ]
    permission.note(under or "", rows=len(rows))
    return sheets.answer(form, "posts", {key: _(title) for key, title in HEADERS.items()}, rows)


def _node(of: Node) -> dict[str, Any]:
    return asdict(of) | {"vacant": of.vacant, "level_name": say(of.level)}


def _detail(of: Detail) -> dict[str, Any]:
    return _node(of.node) | {
        "posts": [asdict(post) for post in of.posts],
        "since": of.since.isoformat() if of.since else None,
        "cameras": of.cameras,
        "buttons": of.buttons,
        "has_boundary": of.has_boundary,
    }


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadInput(mark("Send one JSON object."))
    return body


def _written() -> dict[str, Any]:
    body = _body()
    duties = body.get("duties", [])
    if not isinstance(duties, list) or not isinstance(body.get("staffed"), bool):
        raise BadInput(mark("Send duties as a list of words and staffed as true or false."))
    return {
        "name": forms.line(_text(body, "name"), field="name", least=1, most=60),
        "unit": forms.line(_text(body, "unit"), field="unit", most=60),
        "duties": tuple(forms.line(str(duty), field="duties", least=1, most=30) for duty in duties[:30]),
        "staffed": body["staffed"],
        "duty_line": forms.line(_text(body, "duty_line"), field="duty_line", most=40),
    }


def _text(body: dict[str, Any], name: str) -> str:
    return str(body.get(name) or "")
