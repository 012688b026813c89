"""Import runs of the page: a file somebody gave, what they chose, what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.errors import Missing, Taken
from data.events import as_json

# Whose work goes on outside the request; the page waits for these.
BUSY = frozenset({"checking", "applying"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRun:
    """One file given to the import page. `state`: waiting, checking, checked, applying, applied or refused."""

    id: int
    at: datetime
    account_id: int
    kind: str
    file_name: str
    stored_as: str
    choices: Mapping[str, Any]
    state: str
    report: Mapping[str, Any] | None


_COLUMNS = "id, at, account_id, kind, file_name, stored_as, choices, state, report"


def add(session: Session, *, account_id: int, kind: str, file_name: str, stored_as: str) -> int:
    """Keep a new run and return its number."""
    return int(
        session.execute(
            text(
                "INSERT INTO import_runs (account_id, kind, file_name, stored_as)"
                " VALUES (:account, :kind, :name, :stored) RETURNING id"
            ),
            {"account": account_id, "kind": kind, "name": file_name, "stored": stored_as},
        ).scalar_one()
    )


def find(session: Session, run_id: int) -> ImportRun:
    """Return a run; of the own ones only under the web role. Raises Missing."""
    row = session.execute(
        text(f"SELECT {_COLUMNS} FROM import_runs WHERE id = :id"),  # noqa: S608  a constant
        {"id": run_id},
    ).mappings().one_or_none()  # fmt: skip
    if row is None:
        raise Missing("There is no such import of yours.")
    return ImportRun(**row)


def latest(session: Session, *, at_most: int = 20) -> list[ImportRun]:
    """Return the last runs, the newest first."""
    rows = session.execute(
        text(f"SELECT {_COLUMNS} FROM import_runs ORDER BY id DESC LIMIT :most"),  # noqa: S608  a constant
        {"most": at_most},
    )
    return [ImportRun(**row) for row in rows.mappings()]


def begin(session: Session, run_id: int, state: str, choices: Mapping[str, Any]) -> None:
    """Set a run to checking or applying with these choices. Raises Taken while it is busy, or after it was applied."""
    begun = session.execute(
        text(
            "UPDATE import_runs SET state = :state, choices = CAST(:choices AS jsonb), at = now() WHERE id = :id"
            " AND (state NOT IN ('checking', 'applying', 'applied') OR at < now() - interval '30 minutes')"
            " RETURNING id"
        ),
        {"id": run_id, "state": state, "choices": as_json(choices)},
    )
    if begun.one_or_none() is None:
        raise Taken("This import is under way or done. Wait for it, or upload the file again.")


def finish(session: Session, run_id: int, state: str, report: Mapping[str, Any] | None) -> None:
    """Write what became of a run."""
    session.execute(
        text("UPDATE import_runs SET state = :state, report = CAST(:report AS jsonb) WHERE id = :id"),
        {"id": run_id, "state": state, "report": as_json(report) if report is not None else None},
    )


def give_up(session: Session, run_id: int) -> None:
    """Refuse a run that was under way when its worker died; one that had come to its end stays as it is."""
    session.execute(
        text("UPDATE import_runs SET state = 'refused', report = NULL WHERE id = :id AND state = ANY (:busy)"),
        {"id": run_id, "busy": sorted(BUSY)},
    )


def waits_for_worker(session: Session, run_id: int) -> bool:
    """Say whether no worker has taken up a run of the session's account yet."""
    return bool(session.scalar(text("SELECT import_waits(:id)"), {"id": run_id}))
