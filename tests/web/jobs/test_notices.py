"""What is told of a town whose cameras went away, with a real database and a real receiver."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from data import db, notices, secrets
from data.notice_channels import CHANNEL_SECRET
from tests.web.receivers import Receiver, receiver
from tests.web.told import SECRET, county, outage, recover, rule, run, states, tell, webhook
from web.jobs.notices import act_on, decide_notices, what_now

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as here:
        yield here


def test_3230_cameras_behind_one_link_are_one_message_and_one_when_they_are_back(
    committed: Path, hook: Receiver
) -> None:
    rule(webhook(hook.url))
    county(3230)
    outage()
    tell()
    assert len(hook.heard) == 1
    first = hook.heard[0]
    assert first.refusal(SECRET) is None
    assert first.refusal("another-secret-of-24") == "bad_signature"
    line = first.said["lines"][0]
    assert (first.said["count"], line["trouble"], line["devices"], line["name"]) == (1, "outage", 3230, "柳溪镇汇聚")
    assert first.said["subject"] == "[雪亮网格] 批量离线：链路 柳溪镇汇聚，3230 台设备"
    recover()
    tell()
    assert [one.said["lines"][0]["step"] for one in hook.heard] == ["opened", "recovered"]


def test_the_receiver_of_the_handbook_believes_us_and_nobody_else(committed: Path, hook: Receiver) -> None:
    rule(webhook(hook.url))
    county(1)
    tell()
    example = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "operations.md").read_text(), re.S)
    there: dict[str, Any] = {}
    exec(next(block for block in example if "def believed" in block), there)
    one, now = hook.heard[0], datetime.now(UTC).timestamp()
    assert there["believed"](one.path, one.headers, one.body, SECRET, now)
    assert not there["believed"](one.path, one.headers, one.body + b" ", SECRET, now)
    assert not there["believed"]("/else", one.headers, one.body, SECRET, now)
    assert not there["believed"](one.path, one.headers, one.body, SECRET[:-1], now)
    assert not there["believed"](one.path, one.headers, one.body, SECRET, now + 3600)


def test_3230_cameras_that_nobody_saw_a_cause_for_are_still_one_message(committed: Path, hook: Receiver) -> None:
    rule(webhook(hook.url))
    county(3230)
    tell()
    recover()
    tell()
    assert [(one.said["count"], len(one.said["lines"])) for one in hook.heard] == [(3230, 3230), (3230, 3230)]
    assert hook.heard[0].said["text"].count("\n- ") == 100
    assert "另有 3130 项" in hook.heard[0].said["text"]
    assert "超时无应答" in hook.heard[0].said["text"]


def test_what_an_outage_left_behind_is_told_by_itself_after_its_delay(committed: Path, hook: Receiver) -> None:
    rule(webhook(hook.url))
    county(2)
    outage()
    tell()
    run("UPDATE outages SET closed_at = now() - interval '30 s'")
    run("UPDATE outage_members SET until = now() - interval '30 s'")
    tell()
    assert [one.said["lines"][0]["step"] for one in hook.heard] == ["opened", "recovered"]
    run("UPDATE outage_members SET until = now() - interval '61 s'")
    tell()
    assert [line["code"] for line in hook.heard[2].said["lines"]] == ["C1", "C2"]


def test_nothing_is_told_in_maintenance_of_dismantled_or_silent_cameras(committed: Path, hook: Receiver) -> None:
    rule(webhook(hook.url), kinds=("offline", "degraded", "outage"))
    county(4)
    run("UPDATE cameras SET record_state = 'dismantled' WHERE id = 1")
    run("UPDATE camera_state SET valid_until = now() - interval '1 min' WHERE camera_id = 2")
    run(
        "INSERT INTO maintenance_windows (camera_id, starts_at, ends_at) VALUES"
        " (3, now() - interval '1 hour', now() + interval '1 hour')"
    )
    tell()
    assert [line["code"] for line in hook.heard[0].said["lines"]] == ["C4"]


def test_a_camera_that_flaps_is_told_once(committed: Path, hook: Receiver) -> None:
    rule(webhook(hook.url))
    county(1)
    run("UPDATE camera_state SET unstable_since = now() - interval '5 min'")
    for health in ("offline", "online", "offline", "online"):
        run("UPDATE camera_state SET health = :health, since = now()", health=health)
        tell()
    run("UPDATE camera_state SET unstable_since = NULL")
    tell()
    assert [(one["step"], one["trouble"]) for heard in hook.heard for one in heard.said["lines"]] == [
        ("opened", "unstable"),
        ("recovered", "unstable"),
    ]


def test_each_channel_hears_of_its_own_area(committed: Path, hook: Receiver) -> None:
    county(1)
    run("UPDATE cameras SET path = '1'; UPDATE camera_state SET path = '1'")
    rule(webhook(hook.url), area_id=2)
    tell()
    assert hook.heard == []
    rule(webhook(hook.url), area_id=1)
    tell()
    assert len(hook.heard) == 1


def test_two_workers_that_decide_at_once_tell_once(committed: Path, hook: Receiver) -> None:
    rule(webhook(hook.url))
    county(3)
    with db.transaction() as first:
        assert notices.decide_alone(first)
        with db.transaction() as second:
            assert not notices.decide_alone(second)
        decide_notices(0)
        assert states() == []
        act_on(first, what_now(first, now=datetime.now(UTC)), now=datetime.now(UTC))
    tell()
    assert len(hook.heard) == 1


def test_the_database_itself_refuses_to_tell_a_thing_twice(committed: Path, hook: Receiver) -> None:
    rule(webhook(hook.url))
    county(1)
    now = datetime.now(UTC)
    with db.transaction() as session:
        decision = what_now(session, now=now)
        act_on(session, decision, now=now)
    with pytest.raises(Exception, match="uq_notice_lines_told"), db.transaction() as session:
        act_on(session, decision, now=now)
    assert states() == ["waiting"]


def test_the_secret_of_a_channel_is_sealed(committed: Path, hook: Receiver) -> None:
    webhook(hook.url)
    sealed = bytes(run("SELECT secret_encrypted FROM notice_channels")[0][0])
    assert SECRET.encode() not in sealed
    assert secrets.decrypt(sealed, purpose=CHANNEL_SECRET) == SECRET
