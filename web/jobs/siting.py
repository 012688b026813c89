"""Computations of where the next cameras go, asked for by planners and carried out with the rights of who asked."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from data import db, scenarios, siting
from data.errors import Refusal
from data.queue import app
from gis.errors import Refused
from web.plan import choosing, gathering

log = logging.getLogger(__name__)

WRITE_EVERY_S = 0.5


class Cancelled(Exception):
    """Nobody waits for the result any more."""


@app.task(name="choose_sites", queue="compute")
def choose_sites(run_id: int, account_id: int) -> None:
    """Carry out one computation; its row and open pages are told how far it is."""
    with db.transaction() as session:
        run = siting.begin(session, run_id, at=_now())
    if run is None or run["account_id"] != account_id:
        return
    try:
        result = _carry_out(run)
    except Cancelled:
        log.info("siting run=%s cancelled", run_id)
        return
    except (Refusal, Refused) as refusal:
        _fail(run_id, refusal if isinstance(refusal, Refusal) else Refusal("%(reason)s", reason=str(refusal)))
        return
    except Exception:
        _fail(run_id, Refusal("Something went wrong on the server. Nothing was changed. The log has the details."))
        raise
    with db.transaction() as session:
        siting.finish(session, run_id, result, at=_now())
    log.info("siting run=%s chosen=%s gap=%.4f", run_id, len(result["chosen"]), result["gap"])


def _carry_out(run: Mapping[str, Any]) -> dict[str, Any]:
    watch = _Watch(run["id"])
    watch.tell("ground", choosing.STEPS["ground"])
    with db.transaction() as session:
        db.act_for(session, run["account_id"])
        scenario = scenarios.find(session, run["scenario_id"])
        kept = scenarios.cameras(session, run["scenario_id"])
        found = gathering.gathered(session, scenario, kept, run["wanted"], now=_now())
    result = choosing.sites(found, run["wanted"], tell=watch.tell, is_cancelled=lambda: not watch.is_wanted)
    if not watch.is_wanted:
        raise Cancelled
    return result


class _Watch:
    """Writes how far a computation is, not too often, and learns whether it is still wanted."""

    def __init__(self, run_id: int) -> None:
        self._run_id = run_id
        self._told_at = 0.0
        self.is_wanted = True

    def tell(self, step: str, progress: float) -> None:
        """Write a step and how far it is. Raises Cancelled between the steps when nobody waits any more."""
        if monotonic() - self._told_at < WRITE_EVERY_S:
            return
        with db.transaction() as session:
            self.is_wanted = siting.go_on(session, self._run_id, step=step, progress=progress)
        self._told_at = monotonic()
        if not self.is_wanted and step != "choosing":
            raise Cancelled


def _fail(run_id: int, refusal: Refusal) -> None:
    with db.transaction() as session:
        siting.fail(session, run_id, refusal, at=_now())


def _now() -> datetime:
    return datetime.now(UTC)
