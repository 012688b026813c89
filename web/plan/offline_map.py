"""A scenario as one HTML file with a map that opens without a network: folium's map, with our Leaflet inside it.

Everything folium would load from elsewhere is left out or written into the file; the ground is drawn from what is
stored here, so there are no map tiles to miss.
"""

import base64
import html
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import folium
import numpy as np
import shapely

from web.plan import scene, telling
from web.plan.sheet import Sheet
from web.words import _, language

LEAFLET = Path(__file__).resolve().parent.parent / "static" / "vendor" / "leaflet" / "dist"
_EXPORTS = re.compile(r"^export \{(.*)\};?\s*$", re.MULTILINE)
_IMAGE = re.compile(r"url\(images/([\w.-]+)\)")
# The middle of a degree of a hundred-millionth is a millimetre.
_DIGITS = 1e-7
_STYLE = """
html, body { height: 100%; margin: 0; }
body { font: 14px/1.5 "Noto Sans SC", "WenQuanYi Micro Hei", "Microsoft YaHei", sans-serif; }
body { display: flex; flex-direction: column; }
.about { padding: 10px 16px; background: #fff; color: #17202a; border-bottom: 1px solid #d5dde4; }
.about h1 { font-size: 18px; margin: 0 0 4px; } .about p { margin: 0; color: #52606d; }
.about table { border-collapse: collapse; margin-top: 6px; font-variant-numeric: tabular-nums; }
.about td, .about th { padding: 2px 14px 2px 0; text-align: left; font-weight: normal; }
.about details { margin-top: 4px; }
.folium-map { flex: 1; min-height: 320px; background: #f7f8f9 !important; }
"""


def written(of: Sheet) -> bytes:
    """Return the file: no address in it is ever asked for."""
    shown = folium.Map(location=_middle(of), zoom_start=16, tiles=None, control_scale=True, prefer_canvas=True)
    shown.default_js, shown.default_css = [], []
    for name, features, style in _layers(of):
        layer = folium.GeoJson(
            {"type": "FeatureCollection", "features": features},
            name=name,
            style_function=_always(style),
            marker=folium.CircleMarker(radius=6, color="#fff", weight=2, fill_color="#0b5cad", fill_opacity=1),
            tooltip=folium.GeoJsonTooltip(["words"], labels=False)
            if features and "words" in features[0]["properties"]
            else None,
        )
        layer.add_to(shown)
    folium.LayerControl(collapsed=False).add_to(shown)
    shown.fit_bounds(_bounds(of))
    root: Any = shown.get_root()
    root.header.add_child(folium.Element(f"<title>{html.escape(telling.title(of))}</title>"))
    root.header.add_child(folium.Element(f"<style>{_leaflet_css()}{_STYLE}</style>"))
    root.header.add_child(folium.Element(f"<script>{_leaflet_js()}</script>"))
    page = root.render()
    about = _about(of)
    page = page.replace("<html>", f'<html lang="{language().replace("_", "-")}">', 1)
    return str(page).replace("<body>", f"<body>{about}", 1).encode()


def _layers(of: Sheet) -> Iterable[tuple[str, list[dict[str, Any]], dict[str, Any]]]:
    """Yield name, features and style of each layer, the lowest first."""
    yield _("Roads"), _shapes(of.roads, of), {"color": "#c3ccd3", "weight": 1.5}
    yield _("Buildings"), _shapes(of.buildings, of), _filled("#dfe4e8", edge="#c3ccd3", opacity=1.0)
    yield (
        _("Gaps left"),
        _shapes([part for one in of.after for part in shapely.get_parts(one.gaps)], of),
        _filled("#e3a58f", opacity=0.45),
    )
    yield (
        _("Cells"),
        _shapes([one.shape.boundary for one in of.cells], of, [_cell(row) for row in telling.cells(of)]),
        {"color": "#17202a", "weight": 1.5, "dashArray": "6 4"},
    )
    why = [f"{one.name} {_(telling.REASONS[one.reason])}".strip() for one in of.forbidden]
    yield _("Forbidden ground"), _shapes(of.forbidden_shapes, of, why), _filled("#b3261e", edge="#b3261e", opacity=0.2)
    names = [_camera(row) for row in telling.cameras(of)]
    yield (
        _("New views"),
        _shapes([one.polygon for one in of.views], of, names),
        _filled("#0b5cad", edge="#0b5cad", opacity=0.35),
    )
    points = [
        _feature(shapely.Point(row["lng"], row["lat"]), words) for row, words in zip(of.cameras, names, strict=True)
    ]
    yield _("Cameras"), points, {"color": "#fff", "fillColor": "#0b5cad", "fillOpacity": 1, "weight": 2}


def _shapes(shapes: Any, of: Sheet, words: Sequence[str] | None = None) -> list[dict[str, Any]]:
    placed = shapely.set_precision(scene.array_of(scene.lnglat(list(shapes), crs=of.crs)), _DIGITS, mode="pointwise")
    told = words if words is not None else [None] * len(placed)
    return [_feature(shape, one) for shape, one in zip(placed, told, strict=True) if not shape.is_empty]


def _feature(shape: shapely.Geometry, words: str | None) -> dict[str, Any]:
    # What somebody wrote is shown as text, never as a part of the page.
    properties = {} if words is None else {"words": html.escape(words)}
    return {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(shape)}


def _camera(row: Sequence[Any]) -> str:
    bearing = _("all round") if row[5] is None else f"{row[5]:.0f}°"
    return f"{row[0]} {row[1] or row[2]} · {bearing} · {row[13]:,.0f} m² · {row[15]:,.0f}"


def _cell(row: Sequence[Any]) -> str:
    return f"{row[0]} · {telling.percent(row[6])} → {telling.percent(row[7])}"


def _about(of: Sheet) -> str:
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in telling.key_figures(of)
    )
    heads = "".join(f"<th>{html.escape(word)}</th>" for word in ("", _("Before"), _("After"), _("Difference")))
    notes = "".join(f"<p>{html.escape(one)}</p>" for one in (*telling.proof(of), *telling.about(of)))
    return (
        f'<section class="about"><h1>{html.escape(telling.title(of))}</h1>'
        f"<table><tr>{heads}</tr>{rows}</table><details><summary>{html.escape(_('What stands behind these figures'))}"
        f"</summary>{notes}</details></section>"
    )


def _filled(colour: str, *, opacity: float, edge: str | None = None) -> dict[str, Any]:
    return {"fillColor": colour, "fillOpacity": opacity, "color": edge or colour, "weight": 1 if edge else 0}


def _always(style: Mapping[str, Any]) -> Any:
    return lambda _feature: dict(style)


def _bounds(of: Sheet) -> list[list[float]]:
    shapes = [one.shape for one in of.cells] or [one.polygon for one in of.views]
    if not shapes:
        return [[-60.0, -180.0], [75.0, 180.0]]
    west, south, east, north = shapely.total_bounds(scene.array_of(scene.lnglat(shapes, crs=of.crs)))
    return [[float(south), float(west)], [float(north), float(east)]]


def _middle(of: Sheet) -> list[float]:
    return [float(one) for one in np.mean(_bounds(of), axis=0)]


@cache
def _leaflet_js() -> str:
    """Return Leaflet as a plain script that makes L."""
    source = (LEAFLET / "leaflet-src.esm.js").read_text("utf-8")
    found = _EXPORTS.search(source)
    if found is None:
        raise RuntimeError("leaflet-src.esm.js exports nothing that can be read")
    pairs = [one.split(" as ") for one in found[1].split(",")]
    names = ", ".join(f"{pair[-1].strip()}: {pair[0].strip()}" for pair in pairs)
    body = _EXPORTS.sub("", source).replace("//# sourceMappingURL=leaflet-src.esm.js.map", "")
    own = "L.Control.Attribution.prototype.options.prefix = false;"
    return f"(function () {{{body}\nwindow.L = {{{names}}};\n}})();{own}".replace("</", "<\\/")


@cache
def _leaflet_css() -> str:
    """Return Leaflet's style with its pictures written into it."""

    def inside(found: re.Match[str]) -> str:
        picture = base64.b64encode((LEAFLET / "images" / found[1]).read_bytes()).decode()
        return f"url(data:image/png;base64,{picture})"

    return _IMAGE.sub(inside, (LEAFLET / "leaflet.css").read_text("utf-8"))
