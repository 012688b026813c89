"""What happens by itself: pictures go when their time or room is over, and what nobody needs is forgotten."""

import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from data import db, pictures, settings
from data.looks import Picture
from web.jobs import housekeeping
from web.jobs.housekeeping import keep_budget, remove_uploads, tidy, write_silence

NOW = datetime.now(UTC)


@pytest.fixture
def camera(committed: Path) -> int:
    """Return a camera in an otherwise empty database."""
    with db.transaction() as session:
        made = session.execute(text("INSERT INTO cameras (code, name) VALUES ('C1', '村口') RETURNING id")).scalar_one()
    return int(made)


def take(camera: int, *, days_ago: float, size: int = 1_000) -> int:
    picture = Picture(jpeg=b"x" * size, thumbnail=b"", width=640, height=360, sha256="")
    with db.transaction() as session:
        return pictures.store(session, camera, path="", picture=picture, at=NOW - timedelta(days=days_ago))


def kept() -> list[int]:
    with db.transaction() as session:
        return list(session.execute(text("SELECT id FROM snapshots ORDER BY id")).scalars())


def files() -> int:
    return len(list(Path(settings.get().pictures).rglob("*.jpg")))


def test_pictures_go_when_their_days_are_over_with_their_files(camera: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "PICTURES_A_BATCH", 2)
    before = files()
    for days in (40, 35, 31):
        take(camera, days_ago=days)
    stays = take(camera, days_ago=29)
    tidy(0)
    assert kept() == [stays]
    assert files() - before == 2


def test_beyond_the_budget_the_oldest_go_first_and_only_as_many_as_must(
    camera: int, caplog: pytest.LogCaptureFixture
) -> None:
    newest = [take(camera, days_ago=days) for days in (3, 2, 1)]
    oldest = take(camera, days_ago=9)
    with caplog.at_level(logging.WARNING):
        keep_budget(3_000)
    assert kept() == newest
    assert oldest not in kept()
    assert "picture store is nearly full used_bytes=4000 budget_bytes=3000" in caplog.text


def test_a_warning_comes_before_anything_goes(camera: int, caplog: pytest.LogCaptureFixture) -> None:
    there = [take(camera, days_ago=1), take(camera, days_ago=2)]
    with caplog.at_level(logging.WARNING):
        keep_budget(2_300)
        assert caplog.text == ""
        keep_budget(2_100)
    assert "nearly full" in caplog.text
    assert kept() == there


def test_uploads_nobody_touched_for_a_week_go(tmp_path: Path) -> None:
    for name, days in (("old.xlsx", 8), ("old.xlsx.cameras.preview", 8), ("new.csv", 6)):
        (tmp_path / name).write_text("x")
        at = (datetime.now(UTC) - timedelta(days=days)).timestamp()
        os.utime(tmp_path / name, (at, at))
    assert remove_uploads(tmp_path, before=datetime.now(UTC) - timedelta(days=7)) == 2
    assert [file.name for file in tmp_path.iterdir()] == ["new.csv"]
    assert remove_uploads(tmp_path / "nowhere", before=datetime.now(UTC)) == 0


def test_partitions_are_made_for_the_days_to_come_and_dropped_when_they_are_old(committed: Path) -> None:
    with db.transaction() as session:
        session.execute(text("SELECT prepare_observation_day('2020-01-01')"))
    tidy(0)
    with db.transaction() as session:
        days = session.execute(
            text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'observations'::regclass")
        )
        names = set(days.scalars())
    assert "observations_20200101" not in names
    assert f"observations_{datetime.now(UTC) + timedelta(days=1):%Y%m%d}" in names


def test_what_was_seen_before_its_partition_was_there_moves_into_it(committed: Path) -> None:
    partition = f"observations_{datetime.now(UTC):%Y%m%d}"
    with db.transaction() as session:
        session.execute(
            text("INSERT INTO observations (camera_id, at, facts) VALUES (1, now(), '{}'), (2, now(), '{}')")
        )
    tidy(0)
    tidy(0)
    with db.transaction() as session:
        session.execute(text("INSERT INTO observations (camera_id, at, facts) VALUES (3, now(), '{}')"))
        held = session.execute(text("SELECT tableoid::regclass::text, count(*) FROM observations GROUP BY 1")).all()
    assert [tuple(row) for row in held] == [(partition, 3)]


def test_events_and_sign_ins_that_are_over_are_forgotten(committed: Path) -> None:
    with db.transaction() as session:
        session.execute(
            text(
                "INSERT INTO accounts (id, login, password_hash, roles) VALUES (1, 'a', '', '{viewer}');"
                "INSERT INTO sign_ins (token_hash, account_id, expires_at) VALUES ('\\x01', 1, now() - interval '1 s'),"
                " ('\\x02', 1, now() + interval '1 hour');"
                "INSERT INTO events (kind, body, at) VALUES ('old', '{}', now() - interval '25 hours'),"
                " ('new', '{}', now())"
            )
        )
    tidy(0)
    with db.transaction() as session:
        assert session.execute(text("SELECT token_hash FROM sign_ins")).scalars().all() == [b"\x02"]
        assert session.execute(text("SELECT kind FROM events")).scalars().all() == ["new"]


def test_silence_of_a_camera_is_written_down_and_told(camera: int) -> None:
    with db.transaction() as session:
        session.execute(
            text(
                "UPDATE camera_state SET health = 'online', valid_until = now() - interval '1 s',"
                " since = now() - interval '1 hour', checked_at = now() - interval '2 min';"
                "INSERT INTO health_intervals (camera_id, health, during)"
                " SELECT id, 'online', tstzrange(now() - interval '1 hour', NULL) FROM cameras"
            )
        )
    write_silence(0)
    write_silence(0)
    with db.transaction() as session:
        healths = session.execute(text("SELECT health FROM health_intervals ORDER BY during")).scalars().all()
        told = session.execute(text("SELECT count(*) FROM events WHERE kind = 'health'")).scalar_one()
    assert (healths, told) == (["online", "unknown"], 1)


def test_what_was_put_away_in_plans_is_forgotten_after_a_month_and_no_sooner(committed: Path) -> None:
    with db.transaction() as session:
        account = session.execute(
            text("INSERT INTO accounts (login, password_hash, roles) VALUES ('p', 'x', '{editor}') RETURNING id")
        ).scalar_one()
        for name, days in (("kept", None), ("lately", 29), ("long ago", 31)):
            session.execute(
                text(
                    "INSERT INTO scenarios (account_id, name, removed_at)"
                    " VALUES (:account, :name, now() - make_interval(days => CAST(:days AS int)))"
                ),
                {"account": account, "name": name, "days": days},
            )
    tidy(0)
    with db.transaction() as session:
        left = session.execute(text("SELECT name FROM scenarios ORDER BY id")).scalars().all()
    assert left == ["kept", "lately"]
