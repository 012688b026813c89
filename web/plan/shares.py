"""What more cameras would change: their views, and the shares of the cells they reach into, before and after.

Figures of a cell or of a sum are {"area_m2", "open_m2", "seen_m2", "share", "share_of_open", "low", "high",
"by_two_m2", "by_two_share", "worst_loss_m2", "worst_loss_share", "sectors_m2", "sectors_share", "seen_now_m2",
"cameras", "matters": {"roads" | "crossings" | "buildings" | "places": {"of", "seen"}}}; shares are of the whole cell,
`low` and `high` the shares seen whatever the bearings are, and for some of them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from flask import Blueprint, Response, jsonify, request

from data import scenarios
from data.scenarios import MOST_CAMERAS, Row, pose_of
from data.types import Role
from gis.coverage import View
from web import forms
from web.context import get_session
from web.coverage import FLAGS
from web.permission import allowed
from web.plan import figures, reading, scene
from web.problems import BadInput
from web.words import _, mark

bp = Blueprint("plan_shares", __name__)

MOST_COMPARED = 6


@bp.post("/api/v1/plan/view")
@allowed(Role.VIEWER)
def on_view() -> Response:
    """Return what one pose sees, {camera fields, "px_per_m"?}, as a GeoJSON feature with its areas, share and flags."""
    sent = reading.body()
    px_per_m = reading.density(sent.pop("px_per_m", None))
    camera = reading.camera(sent)
    on, seen = _seen([camera], px_per_m)
    return jsonify(_feature(camera, seen[0], on.crs))


@bp.get("/api/v1/plan/scenarios/<int:scenario_id>/views")
@allowed(Role.VIEWER)
def on_views(scenario_id: int) -> Response:
    """Return what the cameras of a scenario see at ?px_per_m=, as GeoJSON features with "id", areas and flags."""
    session = get_session()
    px_per_m = _density(scenarios.find(session, scenario_id))
    cameras = scenarios.cameras(session, scenario_id)
    if not cameras:
        return jsonify(type="FeatureCollection", features=[], px_per_m=px_per_m)
    on, seen = _seen(cameras, px_per_m)
    features = [_feature(one, view, on.crs) for one, view in zip(cameras, seen, strict=True)]
    return jsonify(type="FeatureCollection", features=features, px_per_m=px_per_m)


@bp.get("/api/v1/plan/scenarios/<int:scenario_id>/shares")
@allowed(Role.VIEWER)
def on_shares(scenario_id: int) -> Response:
    """Return the shares of the cells a scenario reaches into, before and after, at ?px_per_m=.

    {"px_per_m", "basis": "planned", "cells": [{"code", "name", "before": figures, "after": figures}], "sum": {"before",
    "after"}, "whole": {"before", "after"} or null (the area the scenario is about), "gain_m2", "cost", "flags": {flag:
    sentence}}.
    """
    session = get_session()
    found = scenarios.find(session, scenario_id)
    cameras = scenarios.cameras(session, scenario_id)
    return _told(figures.shares(session, found, cameras, px_per_m=_density(found)))


@bp.post("/api/v1/plan/scenarios/<int:scenario_id>/shares")
@allowed(Role.VIEWER)
def on_try(scenario_id: int) -> Response:
    """Return the same as if cameras stood otherwise, without keeping it: {"cameras": [{"id"?, fields}], "px_per_m"?}.

    A camera with the id of one of the scenario takes its place, one without is added. Only the cells that these
    cameras reach into, as they are and as they were, are answered; "whole" is null.
    """
    sent, session = reading.body(), get_session()
    found = scenarios.find(session, scenario_id)
    tried = _tried(sent.get("cameras"))
    kept = {row["id"]: row for row in scenarios.cameras(session, scenario_id)}
    touched = [*tried, *(kept[row["id"]] for row in tried if row.get("id") in kept)]
    others = [row for key, row in kept.items() if key not in {one.get("id") for one in tried}]
    px_per_m = reading.density(sent.get("px_per_m"), default=found["px_per_m"])
    return _told(figures.tried(session, [*others, *tried], touched, px_per_m=px_per_m))


@bp.get("/api/v1/plan/compare")
@allowed(Role.VIEWER)
def on_compare() -> Response:
    """Return scenarios side by side, ?scenario=1&scenario=2, at ?px_per_m= or the density of the first.

    {"px_per_m", "scenarios": [{"id", "name", "cameras", "cost", "before": figures, "after": figures, "gain_m2",
    "gain_share", "gain_m2_per_cost", "flags"}]}; figures are sums over all cells that any of them reaches into, so
    that they can be compared.
    """
    session = get_session()
    chosen = [forms.whole(one, field="scenario", low=1) for one in request.args.getlist("scenario")]
    if not 1 <= len(chosen) <= MOST_COMPARED:
        raise BadInput(mark("Compare 1 to %(most)s scenarios."), field="scenario", most=MOST_COMPARED)
    found = [scenarios.find(session, one) for one in chosen]
    cameras = [scenarios.cameras(session, one) for one in chosen]
    answer = figures.compared(session, found, cameras, px_per_m=_density(found[0]))
    for one in answer["scenarios"]:
        one["flags"] = sentences(one["flags"])
    return jsonify(answer)


def sentences(flags: Sequence[str]) -> dict[str, str]:
    """Return what a reader must know of views and cells, each sentence once."""
    return {flag: _(FLAGS[flag]) for flag in flags if flag in FLAGS}


def _told(answer: dict[str, Any]) -> Response:
    return jsonify(answer | {"flags": sentences(answer["flags"])})


def _tried(sent: object) -> list[dict[str, Any]]:
    read = reading.cameras(sent, most=MOST_CAMERAS)
    given = sent if isinstance(sent, list) else []
    return [
        row | {"id": one["id"]} if isinstance(one.get("id"), int) else row for row, one in zip(read, given, strict=True)
    ]


def _seen(cameras: Sequence[Row], px_per_m: float) -> tuple[scene.Ground, list[View]]:
    poses = [pose_of(figures.filled(one)) for one in cameras]
    box = scene.box_of((one.lng, one.lat) for one in poses)
    on = scene.ground(get_session(), box, margin_m=scene.reach_of(poses, px_per_m=px_per_m) + 10)
    return on, scene.see(poses, on, px_per_m=px_per_m)


def _feature(camera: Mapping[str, Any], seen: View, crs: str) -> dict[str, Any]:
    shape = scene.lnglat([seen.polygon], crs=crs)[0]
    flags = [str(flag) for flag in seen.flags]
    properties = {
        "id": camera.get("id"),
        "area_m2": seen.area_m2,
        "sector_m2": seen.sector_m2,
        "share": seen.share,
        "flags": sentences(flags),
    }
    return {
        "type": "Feature",
        "id": camera.get("id"),
        "properties": properties,
        "geometry": shapely.geometry.mapping(shape),
    }


def _density(found: Row) -> float:
    return reading.density(request.args.get("px_per_m"), default=found["px_per_m"])
