"""Computations of where the next cameras of a scenario go: asked for on a page, carried out by a job, kept."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data import events
from data.errors import Missing, Refusal

Row = Mapping[str, Any]

_RUN = (
    "SELECT r.id, r.scenario_id, r.account_id, r.wanted, r.state, r.step, r.progress, r.asked_at, r.started_at,"
    " r.ended_at, r.reason, r.reason_values, r.result, s.path::text AS path"
    " FROM siting_runs r JOIN scenarios s ON s.id = r.scenario_id"
)
OVER = frozenset({"done", "cancelled", "failed"})


def ask(session: Session, scenario_id: int, wanted: Row, *, account_id: int) -> int:
    """Ask for a computation and return its number. Raises Refusal while another of the scenario is under way."""
    session.execute(text("SELECT id FROM scenarios WHERE id = :id FOR UPDATE"), {"id": scenario_id})
    waiting = session.execute(
        text("SELECT id FROM siting_runs WHERE scenario_id = :id AND state IN ('asked', 'running')"),
        {"id": scenario_id},
    )
    if waiting.first() is not None:
        raise Refusal("A computation of this scenario is under way. Wait for it or cancel it.")
    run_id = session.execute(
        text(
            "INSERT INTO siting_runs (scenario_id, account_id, wanted)"
            " VALUES (:scenario, :account, CAST(:wanted AS jsonb)) RETURNING id"
        ),
        {"scenario": scenario_id, "account": account_id, "wanted": json.dumps(dict(wanted))},
    ).scalar_one()
    session.execute(text("SELECT ask_for_siting(:run)"), {"run": run_id})
    return int(run_id)


def find(session: Session, run_id: int) -> Row:
    """Return one computation. Raises Missing."""
    row = session.execute(text(_RUN + " WHERE r.id = :id"), {"id": run_id}).mappings().one_or_none()
    if row is None:
        raise Missing("There is no such computation, or its scenario is not shared with you.")
    return dict(row)


def last(session: Session, scenario_id: int, *, state: str | None = None) -> Row | None:
    """Return the newest computation of a scenario, in a `state` if one is named, or None."""
    where = (
        " WHERE r.scenario_id = :id AND (CAST(:state AS text) IS NULL OR r.state = :state) ORDER BY r.id DESC LIMIT 1"
    )
    row = session.execute(text(_RUN + where), {"id": scenario_id, "state": state}).mappings().one_or_none()
    return dict(row) if row else None


def cancel(session: Session, run_id: int, *, at: datetime) -> None:
    """Give a computation up; its job notices soon. One that is over stays as it is. Raises Missing."""
    run = find(session, run_id)
    session.execute(
        text(
            "UPDATE siting_runs SET state = 'cancelled', ended_at = :at"
            " WHERE id = :id AND state IN ('asked', 'running')"
        ),
        {"id": run_id, "at": at},
    )
    _tell(session, dict(run) | {"state": "cancelled"})


def begin(session: Session, run_id: int, *, at: datetime) -> Row | None:
    """Take a computation up; None when it was cancelled before."""
    taken = session.execute(
        text(
            "UPDATE siting_runs SET state = 'running', started_at = :at WHERE id = :id AND state = 'asked' RETURNING id"
        ),
        {"id": run_id, "at": at},
    )
    if taken.one_or_none() is None:
        return None
    run = find(session, run_id)
    _tell(session, run)
    return run


def go_on(session: Session, run_id: int, *, step: str, progress: float) -> bool:
    """Write how far a computation is; return whether it is still wanted."""
    told = session.execute(
        text(
            "UPDATE siting_runs SET step = :step, progress = :progress WHERE id = :id AND state = 'running'"
            " RETURNING id"
        ),
        {"id": run_id, "step": step, "progress": progress},
    )
    if told.one_or_none() is None:
        return False
    _tell(session, find(session, run_id))
    return True


def finish(session: Session, run_id: int, result: Row, *, at: datetime) -> bool:
    """Keep the result of a computation; return whether it was still wanted."""
    done = session.execute(
        text(
            "UPDATE siting_runs SET state = 'done', progress = 1, ended_at = :at, result = CAST(:result AS jsonb)"
            " WHERE id = :id AND state = 'running' RETURNING id"
        ),
        {"id": run_id, "at": at, "result": json.dumps(dict(result))},
    )
    if done.one_or_none() is None:
        return False
    _tell(session, find(session, run_id))
    return True


def fail(session: Session, run_id: int, refusal: Refusal, *, at: datetime) -> None:
    """Say why a computation came to no result."""
    values = {name: value for name, value in refusal.values.items() if name != "field"}
    session.execute(
        text(
            "UPDATE siting_runs SET state = 'failed', ended_at = :at, reason = :reason,"
            " reason_values = CAST(:values AS jsonb) WHERE id = :id AND state IN ('asked', 'running')"
        ),
        {"id": run_id, "at": at, "reason": refusal.sentence, "values": json.dumps(values, default=str)},
    )
    _tell(session, find(session, run_id))


def _tell(session: Session, run: Row) -> None:
    body = {"id": run["id"], "scenario": run["scenario_id"], "state": run["state"], "progress": run["progress"]}
    events.announce(session, "siting", path=run["path"], body=body)
