"""What stands on the ground of a plan: the cameras in use with their poses, and the cells, for the page's own map."""

from typing import Any

import shapely
from flask import Blueprint, Response

from data import plan_ground
from data.plan_ground import CellGround, Standing
from data.scenarios import POSE
from data.types import Role
from web import answers
from web.context import get_session
from web.permission import allowed
from web.plan import ground, scene

bp = Blueprint("plan_standing", __name__)


@bp.get("/api/v1/plan/standing")
@allowed(Role.VIEWER)
def on_standing() -> Response:
    """Return the cameras and cells in ?west=&south=&east=&north=, at most 4 km across.

    {"cameras": [{"id", "code", pose fields, "works_now"}], "cells": [{"code", "name", "rings": [[[lng, lat]]]}]}.
    """
    session, box = get_session(), ground.box_asked()
    body = {
        "cameras": [_camera(one) for one in plan_ground.cameras(session, box)],
        "cells": [_cell(one) for one in plan_ground.cells(session, box)],
    }
    return answers.compressed(scene.as_json(body), kind="application/json")


def _camera(one: Standing) -> dict[str, Any]:
    pose = {name: getattr(one.pose, name) for name in ("lng", "lat", *POSE)}
    return {"id": one.camera_id, "code": one.code, "works_now": one.works_now} | pose


def _cell(one: CellGround) -> dict[str, Any]:
    rings = shapely.get_rings(shapely.get_parts(shapely.from_wkb(one.wkb)))
    return {"code": one.code, "name": one.name, "rings": [shapely.get_coordinates(ring).tolist() for ring in rings]}
