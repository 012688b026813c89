"""Imports asked for on the page: checked and applied outside the request, with the rights of who asked."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data import db, settings
from data.imports import runs
from data.imports.runs import ImportRun
from data.queue import app
from data.types import ImportReport, Problem, Severity
from web.imports import report as reports
from web.imports.order import BadOrder, Order, from_choices
from web.imports.run import run

log = logging.getLogger(__name__)

UPLOADS = "uploads"


@app.task(name="check_import", queue="compute")
def check_import(run_id: int, account_id: int) -> None:
    """Do the dry run of a file and keep its report."""
    with _ending_somehow(run_id):
        done = carry_out(run_id, account_id, dry_run=True, now=datetime.now(UTC))
        with db.transaction() as session:
            runs.finish(session, run_id, "checked", reports.as_json(done))


@app.task(name="apply_import", queue="compute")
def apply_import(run_id: int, account_id: int) -> None:
    """Import a file and keep its report; nothing is written when a row is refused."""
    with _ending_somehow(run_id):
        done = carry_out(run_id, account_id, dry_run=False, now=datetime.now(UTC))
        is_refused = done.added + done.updated + done.unchanged == 0
        with db.transaction() as session:
            runs.finish(session, run_id, "refused" if is_refused else "applied", reports.as_json(done))
    log.info("import run=%s kind=%s added=%s updated=%s", run_id, done.kind, done.added, done.updated)


@contextmanager
def _ending_somehow(run_id: int) -> Iterator[None]:
    """End the run as refused when something unforeseen happens, or its page would wait for ever."""
    try:
        yield
    except Exception:
        with db.transaction() as session:
            runs.finish(session, run_id, "refused", None)
        raise


def carry_out(run_id: int, account_id: int, *, dry_run: bool, now: datetime) -> ImportReport:
    """Import the file of a run inside the areas of an account; a choice that cannot be used is a problem."""
    with db.transaction() as session:
        found = runs.find(session, run_id)
        if found.account_id != account_id:
            raise PermissionError(f"import run {run_id} is not of account {account_id}")
        try:
            return run(session, replace(order_of(found), dry_run=dry_run), now=now, account_id=account_id)
        except BadOrder as wrong:
            problem = Problem(row=0, field="choices", severity=Severity.ERROR, reason=str(wrong))
            return ImportReport(kind=found.kind, dry_run=dry_run, problems=(problem,))


def order_of(found: ImportRun) -> Order:
    """Return the order of a run. Raises BadOrder."""
    given: dict[str, Any] = {"timezone": settings.get().timezone} | dict(found.choices)
    return from_choices(found.kind, file_of(found), given, file_name=found.file_name)


def file_of(found: ImportRun) -> Path:
    """Return where the file of a run lies."""
    return settings.get().home / UPLOADS / found.stored_as
