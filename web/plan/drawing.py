"""The map of a scenario on paper: cells, buildings, roads, gaps, views and cameras as vectors, with a scale bar."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from reportlab.graphics.shapes import Circle, Drawing, Group, Line, Path, Rect, String
from reportlab.lib import colors

from web.fonts import CHINESE
from web.plan.sheet import Sheet
from web.words import _

# As on the page, and printed in grey still apart: the views dark, the gaps light.
GROUND, BUILDING, ROAD, EDGE = (colors.HexColor(one) for one in ("#f7f8f9", "#dfe4e8", "#c3ccd3", "#17202a"))
SEEN, NEW, GAP, FORBIDDEN = (colors.HexColor(one) for one in ("#4d8fae", "#0b5cad", "#e9c3b6", "#b3261e"))
_KEY = 22
_STEPS = (1, 2, 5)
_MOST_CORNERS = 60_000


def drawn(of: Sheet, *, width: float, height: float) -> Drawing:
    """Return the map in points, its scale bar and key below it."""
    page = Drawing(width, height)
    frame = _Frame(of, width=width, height=height - _KEY)
    page.add(Rect(0, _KEY, width, height - _KEY, fillColor=GROUND, strokeColor=ROAD, strokeWidth=0.5))
    body = Group()
    _fill(body, frame, [one.gaps for one in of.after], colour=GAP, opacity=0.8)
    _fill(body, frame, of.buildings, colour=BUILDING)
    _lines(body, frame, of.roads, colour=ROAD, thick=0.4)
    _lines(body, frame, [one.shape.boundary for one in of.cells], colour=EDGE, thick=0.5)
    _fill(body, frame, of.forbidden_shapes, colour=FORBIDDEN, opacity=0.25, edge=FORBIDDEN)
    _fill(body, frame, [one.polygon for one in of.views], colour=NEW, opacity=0.4, edge=NEW)
    _cameras(body, frame, of)
    page.add(body)
    _scale_bar(page, frame, width)
    _key(page)
    return page


class _Frame:
    """Where a metre of the ground lies on the paper."""

    def __init__(self, of: Sheet, *, width: float, height: float) -> None:
        shapes = (
            [one.shape for one in of.cells] or [one.polygon for one in of.views] or [shapely.Point(0, 0).buffer(50)]
        )
        west, south, east, north = shapely.total_bounds(np.array(shapes, dtype=object))
        self.points_a_metre = 0.96 * min(width / max(1.0, east - west), height / max(1.0, north - south))
        self.west = west - (width / self.points_a_metre - (east - west)) / 2
        self.south = south - (height / self.points_a_metre - (north - south)) / 2
        self.window = shapely.box(
            self.west, self.south, self.west + width / self.points_a_metre, self.south + height / self.points_a_metre
        )

    def at(self, points: Any) -> Any:
        """Return x, y in points of the paper."""
        moved = (np.asarray(points) - np.array([self.west, self.south])) * self.points_a_metre
        return moved + np.array([0.0, _KEY])

    def cut(self, shapes: Iterable[shapely.Geometry]) -> Any:
        """Return the parts inside the window, no finer than half a point."""
        inside = shapely.intersection(shapely.make_valid(np.array([*shapes, None], dtype=object)[:-1]), self.window)
        return shapely.get_parts(shapely.simplify(inside, 0.25 / self.points_a_metre))


def _fill(
    body: Group,
    frame: _Frame,
    shapes: Iterable[shapely.Geometry],
    *,
    colour: Any,
    opacity: float = 1.0,
    edge: Any = None,
) -> None:
    path = Path(fillColor=colour, strokeColor=edge, strokeWidth=0.4, fillOpacity=opacity)
    # Holes are holes whichever way their rings turn.
    path.fillMode = 0
    corners = 0
    for part in frame.cut(shapes):
        if part.geom_type != "Polygon" or corners > _MOST_CORNERS:
            continue
        for ring in (part.exterior, *part.interiors):
            corners += len(ring.coords)
            _trace(path, frame.at(shapely.get_coordinates(ring)), is_closed=True)
    if corners:
        body.add(path)


def _lines(body: Group, frame: _Frame, shapes: Iterable[shapely.Geometry], *, colour: Any, thick: float) -> None:
    path = Path(fillColor=None, strokeColor=colour, strokeWidth=thick)
    corners = 0
    for part in shapely.get_parts(frame.cut(shapes)):
        if part.geom_type == "LineString" and corners <= _MOST_CORNERS:
            corners += len(part.coords)
            _trace(path, frame.at(shapely.get_coordinates(part)), is_closed=False)
    if corners:
        body.add(path)


def _trace(path: Path, points: Any, *, is_closed: bool) -> None:
    (x, y), *others = points.tolist()
    path.moveTo(x, y)
    for x, y in others:
        path.lineTo(x, y)
    if is_closed:
        path.closePath()


def _cameras(body: Group, frame: _Frame, of: Sheet) -> None:
    for place, (x, y) in enumerate(frame.at(of.places), start=1):
        body.add(Circle(x, y, 3.2, fillColor=NEW, strokeColor=colors.white, strokeWidth=0.8))
        body.add(String(x + 4, y + 3, str(place), fontName=CHINESE, fontSize=6.5, fillColor=EDGE))


def _scale_bar(page: Drawing, frame: _Frame, width: float) -> None:
    metres = _round(90 / frame.points_a_metre)
    long = metres * frame.points_a_metre
    left = width - long - 6
    page.add(Line(left, 6, left + long, 6, strokeColor=EDGE, strokeWidth=1.2))
    for x in (left, left + long):
        page.add(Line(x, 3.5, x, 8.5, strokeColor=EDGE, strokeWidth=1.2))
    words = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    page.add(String(left - 5, 3.5, words, fontName=CHINESE, fontSize=8, textAnchor="end"))
    page.add(String(left - 60, 3.5, _("North is up"), fontName=CHINESE, fontSize=8, textAnchor="end"))


def _round(metres: float) -> float:
    """Return the greatest 1, 2 or 5 times a power of ten that is not above `metres`."""
    power = 10.0 ** math.floor(math.log10(max(metres, 1e-3)))
    return max(step * power for step in _STEPS if step * power <= metres or step == 1)


def _key(page: Drawing) -> None:
    entries = (
        (_("New views"), NEW),
        (_("Gaps left"), GAP),
        (_("Forbidden ground"), FORBIDDEN),
        (_("Buildings"), BUILDING),
    )
    x = 4.0
    for words, colour in entries:
        page.add(Rect(x, 3, 9, 9, fillColor=colour, strokeColor=None, fillOpacity=0.7))
        page.add(String(x + 12, 4, words, fontName=CHINESE, fontSize=8))
        x += 20 + 9 * len(words) if words.isascii() is False else 24 + 4.6 * len(words)
