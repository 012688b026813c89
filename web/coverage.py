"""What can be seen: shares and gaps of cells, views of cameras, and their export."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from data import coverage, wall
from data.coverage import Asked
from data.types import Role
from gis.coverage import DETECT_PX_PER_M
from web import basemaps, forms, sheets
from web.context import get_session
from web.permission import allowed
from web.problems import NotFound
from web.words import _, mark

bp = Blueprint("coverage", __name__)

# What a reader must know of a share; the words of gis/coverage.py.
FLAGS = {
    "all_round": mark("Cameras without a bearing count as seeing all round, though never all at once."),
    "bearing_doubt": mark("Some bearings are known roughly only; the views may be turned."),
    "hfov_guessed": mark("The angle of view of some cameras is not known and was taken as 90°."),
    "width_guessed": mark("The resolution of some cameras is not known and was taken as 1920 pixels."),
    "near_zone_ignored": mark("Height or tilt is not known: the blind zone at the foot of the pole is not taken off."),
    "upper_edge_ignored": mark("Some cameras look down so steeply that they see less far than counted."),
    "sees_no_ground": mark("A camera sees no ground within its reach; check its height and tilt."),
    "heights_ignored": mark(
        "Buildings hide completely whatever their height: a lower bound where a camera looks over roofs."
    ),
    "on_wall": mark("A camera hangs on a building, which hides all behind its wall."),
    "inside_building": mark("A camera stands inside a footprint, which was left out; check its position."),
    "no_buildings_known": mark("No buildings are known here: an upper bound without occlusion."),
}

# The columns of the table that is handed out.
COLUMNS = {
    "name": mark("Cell"),
    "code": mark("Code"),
    "within": mark("Within"),
    "area_m2": mark("Area m²"),
    "open_m2": mark("Open ground m²"),
    "seen_m2": mark("Seen by all in use m²"),
    "share": mark("Share seen by all in use"),
    "seen_now_m2": mark("Seen right now m²"),
    "share_now": mark("Share seen right now"),
    "cameras": mark("Cameras reaching in"),
    "cameras_now": mark("Cameras working"),
    "computed_at": mark("Computed"),
    "notes": mark("To know"),
}


@bp.get("/coverage")
@allowed(Role.VIEWER)
def on_page() -> str:
    """Show the share of every cell that is seen, the least seen first, beside the map of the gaps."""
    session, asked, page = get_session(), _asked(), forms.page(request.args, size=100)
    everything, towns = coverage.sums(session, asked)
    cells = coverage.cells(session, asked, most=page.size, skip=page.offset)
    return render_template(
        "coverage/list.html",
        cells=cells,
        towns=towns,
        everything=everything,
        asked=asked,
        page=page,
        notes=_notes(cells),
        min_gap_m2=coverage.MIN_GAP_M2,
        px_per_m=DETECT_PX_PER_M,
        start={"extent": wall.extent(session), "basemaps": basemaps.offered(session)},
    )


@bp.get("/api/v1/coverage")
@allowed(Role.VIEWER)
def on_cells() -> Response:
    """Return the coverage of computed cells, the least seen first, and the sums over all that are asked for."""
    session, asked, page = get_session(), _asked(), forms.page(request.args, size=1_000, most=10_000)
    everything, towns = coverage.sums(session, asked)
    cells = [_plain(cell) for cell in coverage.cells(session, asked, most=page.size, skip=page.offset)]
    return jsonify(cells=cells, sum=everything, towns=towns, page=page.number)


@bp.get("/api/v1/coverage/export.geojson")
@allowed(Role.VIEWER, act="coverage.export")
def on_export() -> Response:
    """Return the gaps of every cell as GeoJSON, each with its shares."""
    found = coverage.cells(get_session(), _asked(), with_gaps=True)
    answer = jsonify(type="FeatureCollection", features=[_feature(cell, cell.pop("gaps")) for cell in found])
    answer.headers["Content-Disposition"] = "attachment; filename=coverage.geojson"
    return answer


@bp.get("/coverage/export.<any(csv, xlsx):form>")
@allowed(Role.VIEWER, act="coverage.export")
def on_table(form: str) -> Response:
    """Return the coverage of every cell as a table, every figure as it was computed."""
    rows = [
        cell | {"within": " ▸ ".join((cell["crumbs"] or [])[:-1]), "notes": " ".join(_notes([cell]).values())}
        for cell in coverage.cells(get_session(), _asked())
    ]
    return sheets.answer(form, "coverage", {field: _(title) for field, title in COLUMNS.items()}, rows)


@bp.get("/api/v1/coverage/<code>")
@allowed(Role.VIEWER)
def on_cell(code: str) -> Response:
    """Return the coverage of one cell as a GeoJSON feature; its geometry is the gaps."""
    found = coverage.of_cell(get_session(), code)
    if found is None:
        raise NotFound
    return jsonify(_feature(found, found.pop("gaps")))


@bp.get("/api/v1/cameras/<code>/view")
@allowed(Role.VIEWER)
def on_view(code: str) -> Response:
    """Return what a camera sees as a GeoJSON feature."""
    found = coverage.of_camera(get_session(), code)
    if found is None:
        raise NotFound
    return jsonify(_feature(found, found.pop("geometry")))


def _asked() -> Asked:
    """Return which cells ?within=&q=&sort= ask for; a sort beginning with "-" descends."""
    sort = request.args.get("sort") or "share"
    return Asked(
        within=request.args.get("within") or None,
        words=forms.line(request.args.get("q"), field="q", most=60),
        order=forms.choice(sort.removeprefix("-"), coverage.ORDERS, field="sort"),
        descending=sort.startswith("-"),
    )


def _notes(cells: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return what a reader must know of these cells, each sentence once."""
    found = {flag for cell in cells for flag in cell["flags"]}
    return {flag: _(sentence) for flag, sentence in FLAGS.items() if flag in found}


def _feature(properties: dict[str, Any], geometry: dict[str, Any] | None) -> dict[str, Any]:
    return {"type": "Feature", "properties": _plain(properties), "geometry": geometry}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if name == "computed_at" else value for name, value in row.items()}
