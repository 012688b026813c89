"""Where the next cameras of a scenario go: asked for, followed, cancelled, and put into the scenario.

What is wanted: {"count" or "money", "px_per_m"?, "headings"?, "per_pole"?, "time_limit_s"?, "backup"?: bool,
"candidates": {"place_kinds": [...], "crossings": bool, "crossing_kinds": [...], "corners": bool,
"drawn": [[lng, lat]]},
"lenses": [{"lens", "kind", "hfov_deg", "vfov_deg", "tilt_deg", "height_m", "reach_m", "width_px", "cost"}],
"demand": {"crossings": weight, "roads": weight, "gaps": weight, "places": weight, "incidents": weight, "drawn": weight,
"crossing_kinds": [...], "place_kinds": [...], "points": [[lng, lat]]}}. The area is that of the scenario.

A computation is {"id", "scenario_id", "state", "step", "progress", "asked_at", "started_at", "ended_at", "reason",
"wanted", "result"}; its result is {"chosen": [camera fields with "gain", "covered"], "covered", "covered_before",
"total", "share", "share_before", "bound", "bound_share", "gap", "marginal": [{"cameras", "covered", "share", "cost"}],
"alternatives": [{"covered", "share", "cost", "cameras": [camera fields]}], "counts": {"places", "excluded", "poses",
"points", "forbidden", "standing"}, "cost", "seconds", "notes": [sentence keys]}.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify

from data import scenarios, siting
from data.types import Role
from web import permission
from web.context import get_session
from web.permission import allowed, require_account
from web.plan import reading, wanting
from web.plan.scenarios import plain
from web.problems import BadInput
from web.words import _, mark

bp = Blueprint("siting", __name__)


@bp.post("/api/v1/plan/scenarios/<int:scenario_id>/siting")
@allowed(Role.EDITOR, act="siting.ask")
def on_ask(scenario_id: int) -> tuple[Response, int]:
    """Ask where the next cameras go; the answer is the computation, its progress comes over push as "siting"."""
    session = get_session()
    found = scenarios.find(session, scenario_id)
    if not found["area"]:
        raise BadInput(mark("Say first which area this scenario is about."), field="area")
    wanted = wanting.read(reading.body(), px_per_m=found["px_per_m"])
    run_id = siting.ask(session, scenario_id, wanted, account_id=require_account().id)
    permission.note(scenario_id, run=run_id)
    return jsonify(run(siting.find(session, run_id))), 202


@bp.get("/api/v1/plan/siting/<int:run_id>")
@allowed(Role.VIEWER)
def on_run(run_id: int) -> Response:
    """Return a computation: how far it is, and its result once it is done."""
    return jsonify(run(siting.find(get_session(), run_id)))


@bp.post("/api/v1/plan/siting/<int:run_id>/cancel")
@allowed(Role.EDITOR, act="siting.cancel")
def on_cancel(run_id: int) -> Response:
    """Give a computation up; what earlier ones found stays."""
    siting.cancel(get_session(), run_id, at=datetime.now(UTC))
    return jsonify(run(siting.find(get_session(), run_id)))


@bp.post("/api/v1/plan/siting/<int:run_id>/keep")
@allowed(Role.EDITOR, act="siting.keep")
def on_keep(run_id: int) -> tuple[Response, int]:
    """Put the chosen cameras into the scenario: {"first"?: n, "alternative"?: n}; {"scenario_id", "added": [numbers]}.

    `first` keeps only so many, those with the greatest gain; `alternative` takes another choice of the same value.
    """
    session, sent = get_session(), reading.body()
    found = siting.find(session, run_id)
    if found["state"] != "done" or not found["result"]:
        raise BadInput(mark("This computation has no result to keep."))
    chosen = wanting.kept(found["result"], sent)
    added = scenarios.add_cameras(session, found["scenario_id"], chosen, at=datetime.now(UTC))
    permission.note(found["scenario_id"], run=run_id, cameras=len(added))
    return jsonify(scenario_id=found["scenario_id"], added=added), 201


def run(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a computation as programs read it."""
    reason = found["reason"]
    values = found["reason_values"]
    return plain(found) | {"reason": _(reason, **values) if reason else ""}
