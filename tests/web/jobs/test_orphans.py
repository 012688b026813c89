"""Jobs whose worker died: their lock is freed, and whoever waits for one is told."""

from pathlib import Path

import pytest
from sqlalchemy import text

from data import db, queue
from web.jobs.orphans import end_orphans

RUNS = {
    "import_runs": "INSERT INTO import_runs (account_id, kind, file_name, stored_as, state)"
    " VALUES (:account, 'cameras', 'a.csv', 'a.csv', :state) RETURNING id",
    "siting_runs": "INSERT INTO siting_runs (scenario_id, account_id, wanted, state)"
    " VALUES (:scenario, :account, '{}', :state) RETURNING id",
}


def ask(sql: str, **given: object) -> int:
    with db.transaction() as session:
        return int(session.execute(text(sql), given).scalar_one())


def worker(*, heard_s_ago: float) -> int:
    return ask(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => :ago)) RETURNING id",
        ago=heard_s_ago,
    )


def taken_up(task: str, *, by: int | None, run: int = 0) -> int:
    """Store a job that a worker has taken up, under the lock of its task."""
    return ask(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args, lock, status, worker_id)"
        " VALUES ('compute', CAST(:task AS text), jsonb_build_object('run_id', CAST(:run AS int)), CAST(:task AS text),"
        " 'doing', :by) RETURNING id",
        task=task,
        run=run,
        by=by,
    )


def state(table: str, row: int) -> str:
    column = "status" if table == "procrastinate_jobs" else "state"
    with db.transaction() as session:
        return str(session.execute(text(f"SELECT {column} FROM {table} WHERE id = :id"), {"id": row}).scalar_one())


def next_job() -> str | None:
    """Return the task of the job a worker would be given now."""
    with db.transaction() as session:
        asked = text("SELECT task_name FROM procrastinate_fetch_job_v2(ARRAY['compute'], NULL)")
        return session.execute(asked).scalar_one()


@pytest.fixture
def account(committed: Path) -> int:
    return ask("INSERT INTO accounts (login, password_hash, roles) VALUES ('o', 'x', '{editor}') RETURNING id")


@pytest.mark.parametrize("heard_s_ago", [31, None])
def test_a_lock_held_by_a_dead_worker_is_freed_for_the_next_job(committed: Path, heard_s_ago: float | None) -> None:
    dead = None if heard_s_ago is None else worker(heard_s_ago=heard_s_ago)
    held = taken_up("update_coverage", by=dead)
    ask(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args, lock)"
        " VALUES ('compute', 'update_coverage', '{}', 'update_coverage') RETURNING id"
    )
    assert next_job() is None
    end_orphans()
    assert state("procrastinate_jobs", held) == "failed"
    assert next_job() == "update_coverage"


def test_a_job_of_a_worker_that_lives_goes_on(committed: Path) -> None:
    held = taken_up("update_coverage", by=worker(heard_s_ago=11))
    end_orphans()
    assert state("procrastinate_jobs", held) == "doing"


@pytest.mark.parametrize(("was", "becomes"), [("checking", "refused"), ("applying", "refused"), ("applied", "applied")])
def test_an_import_under_way_is_refused_and_one_that_had_ended_stays(account: int, was: str, becomes: str) -> None:
    run = ask(RUNS["import_runs"], account=account, state=was)
    taken_up("apply_import" if was != "checking" else "check_import", by=None, run=run)
    end_orphans()
    assert state("import_runs", run) == becomes


def test_a_computation_under_way_fails_and_says_why(account: int) -> None:
    scenario = ask("INSERT INTO scenarios (account_id, name) VALUES (:account, 's') RETURNING id", account=account)
    run = ask(RUNS["siting_runs"], scenario=scenario, account=account, state="running")
    taken_up("choose_sites", by=None, run=run)
    end_orphans()
    assert state("siting_runs", run) == "failed"
    with db.transaction() as session:
        reason = session.execute(text("SELECT reason FROM siting_runs WHERE id = :id"), {"id": run}).scalar_one()
    assert reason.startswith("The server was interrupted")


def test_a_computation_whose_scenario_is_gone_holds_nothing_up(account: int) -> None:
    jobs = [taken_up("choose_sites", by=None, run=10**6), taken_up("update_coverage", by=None)]
    end_orphans()
    assert [state("procrastinate_jobs", job) for job in jobs] == ["failed", "failed"]


def test_jobs_that_failed_long_ago_are_forgotten(committed: Path) -> None:
    failed = [taken_up(task, by=None) for task in ("tidy", "count_health")]
    end_orphans()
    with db.transaction() as session:
        session.execute(
            text("UPDATE procrastinate_events SET at = now() - interval '31 days' WHERE job_id = :id"),
            {"id": failed[0]},
        )
        assert queue.forget_failed(session, days=30) == 1
    assert state("procrastinate_jobs", failed[1]) == "failed"
