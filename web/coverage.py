"""What can be seen: shares and gaps of cells, views of cameras, and their export."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from data import coverage, wall
from data.coverage import Asked
from data.types import Role
from gis.pixels import PX_PER_M, DensityClass
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
        "Where a height is not known, buildings hide completely: a lower bound where a camera looks over roofs."
    ),
    "on_wall": mark("A camera hangs on a building, which hides all behind its wall."),
    "inside_building": mark("A camera stands inside a footprint, which was left out; check its position."),
    "no_buildings_known": mark("No buildings are known here: an upper bound without occlusion."),
}

# What the pixel-density classes of gis/pixels.py are called.
CLASSES = {
    DensityClass.DETECT: mark("Detect"),
    DensityClass.OBSERVE: mark("Observe"),
    DensityClass.RECOGNISE: mark("Recognise"),
    DensityClass.IDENTIFY: mark("Identify"),
}

# The columns of the table that is handed out.
COLUMNS = {
    "name": mark("Cell"),
    "code": mark("Code"),
    "within": mark("Within"),
    "px_per_m": mark("Pixels to a metre"),
    "places_seen": mark("Key places seen"),
    "places_now": mark("Key places seen right now"),
    "places": mark("Key places"),
    "area_m2": mark("Area m²"),
    "open_m2": mark("Open ground m²"),
    "seen_m2": mark("Seen by all in use m²"),
    "share": mark("Share seen by all in use"),
    "share_low": mark("Share seen at least"),
    "share_high": mark("Share seen at most"),
    "share_sectors": mark("Share by plain sectors"),
    "seen_now_m2": mark("Seen right now m²"),
    "share_now": mark("Share seen right now"),
    "lost_now_m2": mark("Lost right now m²"),
    "seen_by_2_m2": mark("Seen by at least two m²"),
    "worst_m2": mark("Lost if the worst camera fails m²"),
    "worst_code": mark("Worst camera"),
    "roads_m": mark("Roads m"),
    "roads_seen_m": mark("Roads seen m"),
    "crossings": mark("Crossings"),
    "crossings_seen": mark("Crossings seen"),
    "buildings": mark("Buildings"),
    "buildings_seen": mark("Buildings with a wall seen"),
    "incidents": mark("Incidents of a year"),
    "incidents_seen": mark("Incidents where cameras see"),
    "cameras": mark("Cameras reaching in"),
    "cameras_now": mark("Cameras working"),
    "cameras_unknown": mark("Cameras of unknown health"),
    "computed_at": mark("Computed"),
    "notes": mark("To know"),
}


@bp.get("/coverage")
@allowed(Role.VIEWER)
def on_page() -> str:
    """Show how many key places and how much of every cell is seen, the least first, beside the map of the gaps."""
    session, asked, page = get_session(), _asked(), forms.page(request.args, size=100)
    everything, towns = coverage.sums(session, asked)
    cells = coverage.cells(session, asked, most=page.size, skip=page.offset)
    return render_template(
        "coverage/list.html",
        cells=cells,
        towns=towns,
        everything=everything,
        asked=asked,
        chosen=_class_of(asked),
        classes={str(name): (_(title), PX_PER_M[name]) for name, title in CLASSES.items()},
        kept={name: value for name in ("q", "within", "class") if (value := request.args.get(name))},
        page=page,
        notes=_notes(cells),
        min_gap_m2=coverage.MIN_GAP_M2,
        px_per_m=asked.px_per_m,
        start={"extent": wall.extent(session), "basemaps": basemaps.offered(session)},
    )


@bp.get("/api/v1/coverage")
@allowed(Role.VIEWER)
def on_cells() -> Response:
    """Return the coverage of computed cells, the least seen first, and the sums over all that are asked for.

    ?class= is detect, observe, recognise or identify.
    """
    session, asked, page = get_session(), _asked(), forms.page(request.args, size=1_000, most=10_000)
    everything, towns = coverage.sums(session, asked)
    cells = [_plain(cell) for cell in coverage.cells(session, asked, most=page.size, skip=page.offset)]
    return jsonify(cells=cells, sum=everything, towns=towns, page=page.number)


@bp.get("/api/v1/coverage/places")
@allowed(Role.VIEWER)
def on_places() -> Response:
    """Return the key places of the cells asked for and whether cameras see them, the unseen first."""
    return jsonify(places=coverage.key_places(get_session(), _asked()))


@bp.get("/api/v1/coverage/export.geojson")
@allowed(Role.VIEWER, act="coverage.export")
def on_export() -> Response:
    """Return the gaps of every cell as GeoJSON, each with its shares; with ?planned=1 as if all cameras worked."""
    found = _with_gaps()
    answer = jsonify(type="FeatureCollection", features=[_feature(cell, cell.pop("gaps")) for cell in found])
    answer.headers["Content-Disposition"] = "attachment; filename=coverage.geojson"
    return answer


@bp.get("/coverage/export.gpkg")
@allowed(Role.VIEWER, act="coverage.export")
def on_package() -> Response:
    """Return the gaps of every cell as a GeoPackage, each with its shares."""
    rows = [_row(cell) | {"shape": cell["gaps"]} for cell in _with_gaps()]
    return sheets.package("coverage", {field: field for field in COLUMNS}, rows)


@bp.get("/coverage/export.<any(csv, xlsx):form>")
@allowed(Role.VIEWER, act="coverage.export")
def on_table(form: str) -> Response:
    """Return the coverage of every cell as a table, every figure as it was computed."""
    rows = [_row(cell) for cell in coverage.cells(get_session(), _asked())]
    return sheets.answer(form, "coverage", {field: _(title) for field, title in COLUMNS.items()}, rows)


@bp.get("/api/v1/coverage/<code>")
@allowed(Role.VIEWER)
def on_cell(code: str) -> Response:
    """Return the coverage of one cell at ?class= as a GeoJSON feature; its geometry is the gaps."""
    found = coverage.of_cell(get_session(), code, px_per_m=_density())
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
    """Return which cells ?within=&q=&sort=&class= ask for; a sort beginning with "-" descends."""
    sort = request.args.get("sort") or "share"
    return Asked(
        within=request.args.get("within") or None,
        words=forms.line(request.args.get("q"), field="q", most=60),
        order=forms.choice(sort.removeprefix("-"), coverage.ORDERS, field="sort"),
        descending=sort.startswith("-"),
        px_per_m=_density(),
    )


def _density() -> float:
    return PX_PER_M[DensityClass(forms.choice(request.args.get("class"), CLASSES, field="class", default="detect"))]


def _class_of(asked: Asked) -> str:
    return next(str(name) for name, density in PX_PER_M.items() if density == asked.px_per_m)


def _with_gaps() -> list[dict[str, Any]]:
    planned = bool(request.args.get("planned"))
    return coverage.cells(get_session(), _asked(), with_gaps=True, planned=planned)


def _row(cell: Mapping[str, Any]) -> dict[str, Any]:
    within = " ▸ ".join((cell["crumbs"] or [])[:-1])
    return {**cell, "within": within, "notes": " ".join(_notes([cell]).values())}


def _notes(cells: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return what a reader must know of these cells, each sentence once."""
    found = {flag for cell in cells for flag in cell["flags"]}
    return {flag: _(sentence) for flag, sentence in FLAGS.items() if flag in found}


def _feature(properties: dict[str, Any], geometry: dict[str, Any] | None) -> dict[str, Any]:
    return {"type": "Feature", "properties": _plain(properties), "geometry": geometry}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if name == "computed_at" else value for name, value in row.items()}
