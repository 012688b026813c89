"""The ground under the planner's mouse: footprints in metres for the page's own sweep, and kinds to choose from."""

from typing import Any

import numpy as np
import pyproj
from flask import Blueprint, Response, request

from data import forbidden, plan_ground, scenarios
from data.plan_ground import Box
from data.types import Role
from gis.obstacles import LNGLAT
from web import answers, forms
from web.context import get_session
from web.permission import allowed
from web.plan import scene
from web.problems import BadInput
from web.words import mark

bp = Blueprint("plan_ground", __name__)

# A box this wide in metres holds a drag step many times over.
WIDEST_M = 4_000.0
# Powers of (lng - origin) and (lat - origin) of the polynomials that turn degrees into metres.
POWERS = tuple((i, j) for total in range(5) for i in range(total, -1, -1) for j in (total - i,))


@bp.get("/api/v1/plan/ground")
@allowed(Role.VIEWER)
def on_ground() -> Response:
    """Return what may hide a view in ?west=&south=&east=&north=, at most 4 km across, in metres.

    {"crs", "origin": {"lng", "lat", "x", "y"}, "convergence_deg", "powers": [[i, j]], "scale_deg", "x": [coefficients],
    "y": [coefficients], "error_m", "edges": [x0, y0, x1, y1, ...], "first": [n], "heights_m": [m or null]}. Metres are
    relative to the origin's x, y: x = sum of coefficient * u^i * v^j with u = (lng - origin.lng) / scale_deg and v
    likewise. Rows first[k] to first[k + 1] of `edges` belong to footprint k, the solid on the left of each.
    """
    box = box_asked()
    session = get_session()
    crs = scene.metric_crs((box.west + box.east) / 2, (box.south + box.north) / 2)
    built = plan_ground.buildings(session, box)
    body = _frame(box, crs) | _footprints(built, crs, box)
    return answers.compressed(scene.as_json(body), kind="application/json")


@bp.get("/api/v1/plan/kinds")
@allowed(Role.VIEWER)
def on_kinds() -> Response:
    """Return what can be chosen in an area ?area=CODE: place kinds, forbidden kinds and reasons.

    {"places": [{"kind", "places"}], "forbidden_kinds": [{"place_kind", "reason", "radius_m"}], "reasons": [...],
    "camera_kinds": [...], "origins": [...], "cameras", "cells", "box": [west, south, east, north]}.
    """
    session = get_session()
    box = area_box(request.args.get("area"))
    body = {
        "places": plan_ground.place_kinds(session, box),
        "forbidden_kinds": forbidden.kinds(session),
        "reasons": list(forbidden.REASONS),
        "camera_kinds": list(scenarios.KINDS),
        "origins": list(scenarios.ORIGINS),
        "cameras": len(plan_ground.cameras(session, box)),
        "cells": len(plan_ground.cells(session, box)),
        "box": [box.west, box.south, box.east, box.north],
    }
    return answers.compressed(scene.as_json(body), kind="application/json")


def area_box(code: str | None) -> Box:
    """Return the box of an area, of the whole earth for none. Raises Missing."""
    if not code:
        return Box(west=-180.0, south=-90.0, east=180.0, north=90.0)
    west, south, east, north = scene.bounds(plan_ground.boundary(get_session(), code))
    return Box(west=west, south=south, east=east, north=north)


def box_asked() -> Box:
    """Return the box that ?west=&south=&east=&north= ask for, at most 4 km across. Raises BadInput."""
    west, east = (forms.number(request.args.get(side), field=side, low=-180, high=180) for side in ("west", "east"))
    south, north = (forms.number(request.args.get(side), field=side, low=-90, high=90) for side in ("south", "north"))
    if not (west < east and south < north):
        raise BadInput(mark("bbox must have west below east, south below north, and lie on the earth."), field="west")
    tall = (north - south) * scene.METRES_A_DEGREE
    wide = (east - west) * scene.METRES_A_DEGREE * np.cos(np.radians((south + north) / 2))
    if max(tall, wide) > WIDEST_M:
        raise BadInput(mark("The ground is given for at most %(m)s m across; zoom in."), field="west", m=int(WIDEST_M))
    return Box(west=west, south=south, east=east, north=north)


def _frame(box: Box, crs: str) -> dict[str, Any]:
    """Return polynomials from degrees to metres, fitted over the box; their greatest error stands beside them."""
    lng, lat = (box.west + box.east) / 2, (box.south + box.north) / 2
    scale = max(box.east - box.west, box.north - box.south) / 2
    u, v = (side.ravel() for side in np.meshgrid(np.linspace(-1, 1, 9), np.linspace(-1, 1, 9)))
    turn = pyproj.Transformer.from_crs(LNGLAT, crs, always_xy=True)
    x0, y0 = turn.transform(lng, lat)
    x, y = turn.transform(lng + u * scale, lat + v * scale)
    terms = np.stack([u**i * v**j for i, j in POWERS], axis=1)
    ways = np.stack([np.asarray(x) - x0, np.asarray(y) - y0], axis=1)
    found = np.linalg.lstsq(terms, ways, rcond=None)[0]
    return {
        "crs": crs,
        "origin": {"lng": lng, "lat": lat, "x": x0, "y": y0},
        "convergence_deg": float(pyproj.Proj(crs).get_factors(lng, lat).meridian_convergence),
        "powers": POWERS,
        "scale_deg": scale,
        "x": found[:, 0].tolist(),
        "y": found[:, 1].tolist(),
        "error_m": float(np.abs(terms @ found - ways).max()),
    }


def _footprints(built: plan_ground.Buildings, crs: str, box: Box) -> dict[str, Any]:
    obstacles = scene.obstacles_of(built, crs=crs)
    heights = [None if np.isnan(one) else round(float(one), 2) for one in obstacles.heights_m]
    x0, y0 = pyproj.Transformer.from_crs(LNGLAT, crs, always_xy=True).transform(
        (box.west + box.east) / 2, (box.south + box.north) / 2
    )
    edges = np.round(obstacles.edges - np.array([x0, y0, x0, y0]), 4)
    return {"edges": edges.ravel().tolist(), "first": obstacles.first.tolist(), "heights_m": heights}
