"""Judging the past again on the command line changes history and looks at no camera."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import db, health, picture_thresholds
from data.measures import at_rest
from web.cli.rejudge import rejudge_command

DAY = datetime(2026, 6, 1, tzinfo=UTC)
DIM = {"luma_mean": 36.0, "luma_p05": 8.0, "luma_p50": 32.0, "luma_p95": 72.0, "luma_p98": 80.0, "burnt_share": 0.0}


def camera_that_was_called_dark(session: Session) -> int:
    """Add a camera that was called too dark for six hours, as its stored facts say, and is well since."""
    number = int(
        session.execute(text("INSERT INTO cameras (code, name) VALUES ('dim', 'x') RETURNING id")).scalar_one()
    )
    health.prepare_days(session, today=DAY.date(), keep_days=30)
    facts = json.dumps({"measures": at_rest(DIM), "checks": {"too_dark": "bad"}})
    session.execute(
        text("INSERT INTO observations (camera_id, at, facts) VALUES (:id, :at, CAST(:facts AS jsonb))"),
        {"id": number, "at": DAY + timedelta(hours=1), "facts": facts},
    )
    session.execute(
        text(
            "INSERT INTO health_intervals (camera_id, health, fault, layer, during) VALUES"
            " (:id, 'degraded', 'too_dark', 'picture', tstzrange(:one, :seven)),"
            " (:id, 'online', NULL, NULL, tstzrange(:seven, NULL))"
        ),
        {"id": number, "one": DAY + timedelta(hours=1), "seven": DAY + timedelta(hours=7)},
    )
    return number


def rejudged(*more: str) -> dict[str, Any]:
    result = CliRunner().invoke(rejudge_command, ["--since", "2026-06-01", "--until", "2026-06-02", "--json", *more])
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def told_healths() -> list[str]:
    with db.transaction() as session:
        return list(session.execute(text("SELECT health FROM health_intervals ORDER BY lower(during)")).scalars())


def test_history_is_told_anew_by_a_milder_threshold_and_only_when_asked(committed: Path) -> None:
    with db.transaction() as session:
        camera_that_was_called_dark(session)
    assert rejudged("--dry-run")["stretches_changed"] == 0
    with db.transaction() as session:
        picture_thresholds.change(session, None, "dark_mean", 30.0)
    tried = rejudged("--dry-run")
    assert (tried["stretches_changed"], tried["faults"]["too_dark"]) == (1, {"was": 1, "now": 0})
    assert told_healths() == ["degraded", "online"]
    assert rejudged()["changed"][0]["now"][0]["health"] == "online"
    assert told_healths() == ["online", "online"]


def test_wrong_times_are_refused() -> None:
    assert CliRunner().invoke(rejudge_command, ["--since", "yesterday"]).exit_code == 2
    assert CliRunner().invoke(rejudge_command, ["--since", "2026-06-02", "--until", "2026-06-01"]).exit_code == 2
