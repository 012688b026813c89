"""The queue of work done outside a request; the only home of procrastinate.

It lives in the same database, so that a job is asked for in the same transaction as the rows it speaks of.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.schema import SchemaManager
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from data import db

__all__ = ["JobContext", "app", "ask", "ask_as_account", "end_orphans", "forget_failed", "schema", "work"]

# Tasks are declared on this app in web/jobs/, which imports nothing of the web framework.
# The address is given when work begins, so that importing a job needs no settings.
app = App(connector=PsycopgConnector())
# A worker says every ten seconds that it lives.
WORKER_SILENT_S = 30.0


def ask(
    session: Session,
    task: str,
    args: Mapping[str, Any],
    *,
    queue: str = "compute",
    once: str | None = None,
    lock: str | None = None,
) -> None:
    """Put a job into the queue as part of this transaction.

    With `once`, nothing is added while a job of that name still waits; of jobs with one `lock` one is done at a time.
    """
    session.execute(
        text(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, queueing_lock, lock)"
            " SELECT :queue, :task, CAST(:args AS jsonb), :once, :lock"
            " WHERE NOT EXISTS (SELECT FROM procrastinate_jobs WHERE queueing_lock = :once AND status = 'todo')"
            " ON CONFLICT DO NOTHING"
        ),
        {"queue": queue, "task": task, "args": json.dumps(args), "once": once, "lock": lock},
    )


def ask_as_account(session: Session, task: str, args: Mapping[str, Any]) -> None:
    """Put a job that a page may ask for into the queue, in the name of the account of this transaction."""
    session.execute(text("SELECT ask_for(:task, CAST(:args AS jsonb))"), {"task": task, "args": json.dumps(args)})


def end_orphans(session: Session) -> list[tuple[str, Mapping[str, Any]]]:
    """Give up the jobs whose worker is not heard any more; return the task and the arguments of each."""
    rows = session.execute(
        text(
            "WITH orphans AS (SELECT id, task_name, args FROM procrastinate_jobs j WHERE status = 'doing'"
            " AND NOT EXISTS (SELECT FROM procrastinate_workers w WHERE w.id = j.worker_id"
            " AND w.last_heartbeat > now() - make_interval(secs => :silent_s)) FOR UPDATE SKIP LOCKED)"
            " SELECT task_name, args, procrastinate_finish_job_v1(id, 'failed', false) FROM orphans ORDER BY id"
        ),
        {"silent_s": WORKER_SILENT_S},
    )
    return [(row.task_name, row.args) for row in rows]


def forget_failed(session: Session, *, days: int) -> int:
    """Remove jobs that failed longer ago than that; return how many."""
    gone = session.execute(
        text(
            "DELETE FROM procrastinate_jobs j WHERE status = 'failed' AND NOT EXISTS (SELECT"
            " FROM procrastinate_events e WHERE e.job_id = j.id AND e.at > now() - make_interval(days => :days))"
            " RETURNING id"
        ),
        {"days": days},
    )
    return len(gone.all())


async def work(queues: Sequence[str], *, name: str, at_once: int, context: Mapping[str, Any]) -> None:
    """Do the jobs of `queues` until told to stop by a signal; `context` is handed to tasks that ask for it.

    A job that was under way when the worker died is given up soon after (`end_orphans`) and not done again by
    itself: rounds come back with the next tick, and everything else is asked for anew by whoever needs it.
    """
    with app.replace_connector(PsycopgConnector(conninfo=connection_string(), min_size=2, max_size=8)) as working:
        async with working.open_async():
            await working.run_worker_async(
                queues=list(queues),
                name=name,
                concurrency=at_once,
                delete_jobs="successful",
                shutdown_graceful_timeout=10,
                additional_context=dict(context),
                fetch_job_polling_interval=2,
            )


def connection_string() -> str:
    """Return the owner's address in the form libpq reads."""
    return make_url(db.url_for("owner")).set(drivername="postgresql").render_as_string(hide_password=False)


def schema() -> str:
    """Return the SQL that makes the tables of the queue."""
    return SchemaManager.get_schema()
