"""Who sees this place: a point, line or surface, answered from the views that are stored."""

import math
from typing import Any

import shapely
from flask import Blueprint, Response, jsonify, request

from data import coverage
from data.types import Role
from gis.pixels import class_of
from web import forms
from web.context import get_session
from web.permission import allowed
from web.problems import BadInput
from web.words import mark

bp = Blueprint("who_sees", __name__)

MOST_CORNERS = 500
# Wider than this, the answer would be a list of all cameras of a town.
WIDEST_DEG = 0.1


@bp.get("/api/v1/coverage/who-sees")
@allowed(Role.VIEWER)
def on_place() -> Response:
    """Return the cameras that see a place, the best picture first.

    The place is ?lng=&lat=, or several corners ?points=lng,lat;lng,lat that make a ?shape= of line or polygon; WGS-84.
    With ?all=1 also those that do not work now. `px_per_m` is the pixel density at the nearest part that is seen, null
    where the resolution of the camera is not known, `part` how much of a line or polygon is seen.
    """
    place = _place()
    working_only = not request.args.get("all")
    cameras = coverage.who_sees(get_session(), bytes(shapely.to_wkb(place)), working_only=working_only)
    return jsonify(cameras=[_camera(one) for one in cameras])


def _camera(row: dict[str, Any]) -> dict[str, Any]:
    density = row["px_per_m"]
    return {**row, "class": None if density is None else class_of(density)}


def _place() -> shapely.Geometry:
    written = request.args.get("points")
    if not written:
        lng = forms.number(request.args.get("lng"), field="lng", low=-180, high=180)
        lat = forms.number(request.args.get("lat"), field="lat", low=-90, high=90)
        return shapely.Point(lng, lat)
    corners = [_corner(one) for one in written.split(";", MOST_CORNERS)]
    if len(corners) > MOST_CORNERS:
        raise BadInput(mark("%(field)s has more than %(most)s corners."), field="points", most=MOST_CORNERS)
    is_line = forms.choice(request.args.get("shape"), ("line", "polygon"), field="shape", default="line") == "line"
    if len(set(corners)) < (2 if is_line else 3):
        raise BadInput(mark("A line needs two corners and a polygon three."), field="points")
    return _small(shapely.LineString(corners) if is_line else shapely.Polygon(corners))


def _corner(written: str) -> tuple[float, float]:
    try:
        lng, lat = (float(part) for part in written.split(","))
    except ValueError:
        lng = lat = math.nan
    if not (-180 <= lng <= 180 and -90 <= lat <= 90):
        raise BadInput(
            mark("Each corner is written lng,lat in degrees; corners are divided by semicolons."), field="points"
        )
    return lng, lat


def _small(place: shapely.Geometry) -> shapely.Geometry:
    west, south, east, north = place.bounds
    if max(east - west, north - south) > WIDEST_DEG:
        raise BadInput(mark("This is wider than %(n)s degrees. Ask for a smaller place."), field="points", n=WIDEST_DEG)
    if not place.is_valid:
        raise BadInput(mark("The sides of this polygon cross each other. Draw it without crossings."), field="points")
    return place
