"""Jobs whose worker died, by a crash or a power cut, are given up: a lock one holds would keep all like it waiting."""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from data import db, queue, siting
from data.errors import Missing, Refusal
from data.imports import runs
from data.queue import app

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * * */15")
@app.task(name="end_orphans", queue="compute", queueing_lock="end_orphans")
def end_orphans(timestamp: int = 0) -> None:
    """Give up the jobs of dead workers. What comes by itself comes again; whoever waits for another is told."""
    with db.transaction() as session:
        for task, args in queue.end_orphans(session):
            log.warning("job given up, its worker died: task=%s", task)
            if task in _TELL:
                _TELL[task](session, args)


def _refuse_import(session: Session, args: Mapping[str, Any]) -> None:
    runs.give_up(session, args["run_id"])


def _fail_siting(session: Session, args: Mapping[str, Any]) -> None:
    reason = Refusal("The server was interrupted while it computed. Nothing was changed. Start it again.")
    try:
        siting.fail(session, args["run_id"], reason, at=datetime.now(UTC))
    except Missing:
        return  # its scenario was removed meanwhile


_TELL: Mapping[str, Callable[[Session, Mapping[str, Any]], None]] = MappingProxyType(
    {"apply_import": _refuse_import, "check_import": _refuse_import, "choose_sites": _fail_siting}
)
