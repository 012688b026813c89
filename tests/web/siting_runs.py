"""Computations of sites, carried out as the worker does."""

from typing import Any

from sqlalchemy import text

from data import db
from tests.web.conftest import Browser
from web.jobs.siting import choose_sites


def computed(planner: Browser, scenario: int, asked: dict[str, Any]) -> dict[str, Any]:
    """Ask for sites and carry the computation out; return it, done."""
    answer = planner.post(f"/api/v1/plan/scenarios/{scenario}/siting", json=asked)
    assert answer.status_code == 202, answer.json
    with db.transaction() as session:
        args = session.execute(
            text("DELETE FROM procrastinate_jobs WHERE task_name = 'choose_sites' RETURNING args")
        ).scalar_one()
    assert args["run_id"] == answer.json["id"]
    choose_sites(**args)
    done: dict[str, Any] = planner.get(f"/api/v1/plan/siting/{answer.json['id']}").json
    assert done["state"] == "done", done["reason"]
    return done
