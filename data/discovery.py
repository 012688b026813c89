"""Orders of the discovery page, and the rule that a device is tried with a login once in half an hour."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from data.errors import Missing, Refusal

# About five wrong passwords lock an account for half an hour; one try in that time never comes near.
ONE_TRY_EACH = timedelta(minutes=30)
# A run whose worker says nothing for so long is taken up by another.
PATIENCE = timedelta(seconds=60)
MOST_OPEN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One order: networks to sweep or found devices to add, and how far it is."""

    id: int
    kind: str
    state: str
    probe_site: str
    network_ids: tuple[int, ...] = ()
    choices: Mapping[str, Any] = field(default_factory=dict)
    account_id: int | None = None
    asked_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    total: int = 0
    done: int = 0
    found: int = 0
    report: Mapping[str, Any] | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is not over yet."""
        return self.finished_at is None


_COLUMNS = (
    "id, kind, state, probe_site, network_ids, choices, account_id, asked_at, started_at, finished_at, total, done,"
    " found, report"
)


def ask(
    session: Session,
    *,
    kind: str,
    probe_site: str,
    network_ids: Sequence[int] = (),
    choices: Mapping[str, Any] | None = None,
    account_id: int | None,
) -> int:
    """Write an order down and return its number. Raises Refusal when too many are open."""
    open_ = session.execute(text("SELECT count(*) FROM discovery_runs WHERE finished_at IS NULL")).scalar_one()
    if open_ >= MOST_OPEN:
        raise Refusal("Too many searches are open. Wait until one has ended, or stop one.")
    return int(
        session.execute(
            text(
                "INSERT INTO discovery_runs (kind, probe_site, network_ids, choices, account_id)"
                " VALUES (:kind, :site, :networks, CAST(:choices AS jsonb), :account) RETURNING id"
            ),
            {
                "kind": kind,
                "site": probe_site,
                "networks": list(network_ids),
                "choices": json.dumps(choices or {}),
                "account": account_id,
            },
        ).scalar_one()
    )


def latest(session: Session, *, at_most: int = 10) -> list[Run]:
    """Return the last orders, the newest first."""
    rows = session.execute(
        text(f"SELECT {_COLUMNS} FROM discovery_runs ORDER BY id DESC LIMIT :most"),  # noqa: S608  our own columns
        {"most": at_most},
    )
    return [_run(row) for row in rows.mappings()]


def find(session: Session, run_id: int) -> Run:
    """Return one order. Raises Missing."""
    asked = text(f"SELECT {_COLUMNS} FROM discovery_runs WHERE id = :id")  # noqa: S608  our own columns
    row = session.execute(asked, {"id": run_id}).mappings().one_or_none()
    if row is None:
        raise Missing("There is no such search.")
    return _run(row)


def cancel(session: Session, run_id: int) -> None:
    """Ask for a run to be stopped; whoever works on it hears of it within seconds."""
    session.execute(
        text("UPDATE discovery_runs SET state = 'cancelling' WHERE id = :id AND state IN ('waiting', 'running')"),
        {"id": run_id},
    )


def take(session: Session, *, probe_site: str, now: datetime) -> Run | None:
    """Take up the oldest open order of a probe site that nobody works on, or None."""
    row = session.execute(
        text(
            "UPDATE discovery_runs SET state = CASE state WHEN 'cancelling' THEN state ELSE 'running' END,"  # noqa: S608
            " started_at = coalesce(started_at, :now), beat_at = :now WHERE id = ("
            "SELECT id FROM discovery_runs WHERE finished_at IS NULL AND probe_site = :site"
            " AND (beat_at IS NULL OR beat_at < :silent) ORDER BY asked_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)"
            f" RETURNING {_COLUMNS}"
        ),
        {"now": now, "site": probe_site, "silent": now - PATIENCE},
    ).mappings()
    found = row.one_or_none()
    return None if found is None else _run(found)


def beat(session: Session, run_id: int, *, now: datetime, total: int, done: int, found: int) -> bool:
    """Write how far a run is and return whether it is still wanted."""
    state = session.execute(
        text(
            "UPDATE discovery_runs SET beat_at = :now, total = :total, done = :done, found = :found WHERE id = :id"
            " RETURNING state"
        ),
        {"id": run_id, "now": now, "total": total, "done": done, "found": found},
    ).scalar_one()
    return str(state) != "cancelling"


def finish(session: Session, run_id: int, state: str, *, now: datetime, report: Mapping[str, Any]) -> None:
    """Write that a run is over: done, cancelled or failed."""
    session.execute(
        text(
            "UPDATE discovery_runs SET state = :state, finished_at = :now, report = CAST(:report AS jsonb)"
            " WHERE id = :id"
        ),
        {"id": run_id, "state": state, "now": now, "report": json.dumps(report)},
    )


def book_try(session: Session, names: Sequence[str], *, now: datetime) -> datetime | None:
    """Book the one try of a device known by `names`; return None, or when it was tried within half an hour.

    Commit before the device is contacted: a try that was under way when the machine died counts.
    """
    session.execute(text("LOCK TABLE login_tries IN SHARE ROW EXCLUSIVE MODE"))
    last = session.execute(
        text("SELECT max(tried_at) FROM login_tries WHERE known_by = ANY (:names) AND tried_at > :before"),
        {"names": list(names), "before": now - ONE_TRY_EACH},
    ).scalar()
    if last is None:
        session.execute(
            text(
                "INSERT INTO login_tries (known_by, tried_at) SELECT DISTINCT unnest(CAST(:names AS text[])), :now"
                " ON CONFLICT (known_by) DO UPDATE SET tried_at = excluded.tried_at"
            ),
            {"names": list(names), "now": now},
        )
    return last


def forget_tries(session: Session, *, now: datetime) -> None:
    """Forget tries that hold nobody back any more."""
    session.execute(text("DELETE FROM login_tries WHERE tried_at < :before"), {"before": now - 2 * ONE_TRY_EACH})


def _run(row: RowMapping) -> Run:
    return Run(**{**row, "network_ids": tuple(row["network_ids"])})
