"""What can be seen: shares and gaps of cells, views of cameras, and their export."""

from typing import Any

from flask import Blueprint, Response, jsonify, render_template

from data import coverage
from data.types import Role
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
    "heights_ignored": mark("Buildings hide completely whatever their height: a lower bound where a camera looks over roofs."),
    "on_wall": mark("A camera hangs on a building, which hides all behind its wall."),
    "inside_building": mark("A camera stands inside a footprint, which was left out; check its position."),
    "no_buildings_known": mark("No buildings are known here: an upper bound without occlusion."),
}


@bp.get("/coverage")
@allowed(Role.VIEWER)
def on_page() -> str:
    """Show the share of every cell that is seen, the least seen first."""
    cells = coverage.cells(get_session())
    area_m2 = sum(cell["area_m2"] for cell in cells)
    return render_template(
        "coverage/list.html",
        cells=cells,
        notes={flag: _(FLAGS[flag]) for cell in cells for flag in cell["flags"] if flag in FLAGS},
        area_m2=area_m2,
        seen_m2=sum(cell["seen_m2"] for cell in cells),
        seen_now_m2=sum(cell["seen_now_m2"] for cell in cells),
    )


@bp.get("/api/v1/coverage")
@allowed(Role.VIEWER)
def on_cells() -> Response:
    """Return the coverage of every computed cell, the least seen first."""
    return jsonify(cells=[_plain(cell) for cell in coverage.cells(get_session())])


@bp.get("/api/v1/coverage/export.geojson")
@allowed(Role.VIEWER, act="coverage.export")
def on_export() -> Response:
    """Return the gaps of every cell as GeoJSON, each with its shares."""
    session = get_session()
    found = [coverage.of_cell(session, cell["code"]) for cell in coverage.cells(session)]
    features = [_feature(cell, cell.pop("gaps")) for cell in found if cell]
    answer = jsonify(type="FeatureCollection", features=features)
    answer.headers["Content-Disposition"] = "attachment; filename=coverage.geojson"
    return answer


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


def _feature(properties: dict[str, Any], geometry: dict[str, Any] | None) -> dict[str, Any]:
    return {"type": "Feature", "properties": _plain(properties), "geometry": geometry}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if name == "computed_at" else value for name, value in row.items()}
