"""What happens between a fault and whoever is told of it, with a real database, receiver and mail server."""

import asyncio
import os
import signal
import subprocess
import sys
import time as clock
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from data import db, notice_channels, notice_rules, notices, secrets
from data.notice_channels import CHANNEL_SECRET, Channel
from data.notice_rules import NoticeRule
from data.notices import Letter
from tests.web.receivers import PASSWORD, Post, Receiver, post_office, receiver
from web.jobs import notices as job
from web.jobs.delivery import Delivery, Reason
from web.jobs.notices import act_on, decide_notices, next_try, send_notices, what_now

ROOT = Path(__file__).resolve().parents[3]
SECRET = "a-secret-of-24-characters"
NOW = datetime.now(UTC)


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as here:
        yield here


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with post_office(tmp_path) as here:
        yield here


def run(sql: str, **values: Any) -> list[Any]:
    with db.transaction() as session:
        found = session.execute(text(sql), values)
        return list(found.all()) if found.returns_rows else []


def webhook(url: str, **changed: Any) -> int:
    with db.transaction() as session:
        channel = Channel(name="值班台", way="webhook", url=url, secret=SECRET)
        return notice_channels.keep(session, replace(channel, **changed))


def mailbox(post: Post, **changed: Any) -> int:
    channel = Channel(
        name="邮箱", way="mail", host="127.0.0.1", port=post.port, security="starttls", authority=post.authority,
        username="desk", password=PASSWORD, sender="grid@county.test", recipients=("duty@town.test",),
    )  # fmt: skip
    with db.transaction() as session:
        return notice_channels.keep(session, replace(channel, **changed))


def rule(*channels: int, **changed: Any) -> int:
    plain = NoticeRule(name="全县", channels=channels, delay_s=60, group_s=0, timezone="Asia/Shanghai")
    with db.transaction() as session:
        return notice_rules.keep(session, replace(plain, **changed))


def county(cameras: int) -> None:
    """Commit a town with cameras that all went away two minutes ago."""
    run(
        "INSERT INTO areas (id, code, level, path) VALUES (1, '510311', 'county', '1'), (2, '510311101', 'town', '1.2')"
    )
    run(
        "INSERT INTO area_versions (area_id, parent_id, name, during) VALUES"
        " (1, NULL, '示范县', tstzrange('2025-01-01Z', NULL)), (2, 1, '柳溪镇', tstzrange('2025-01-01Z', NULL))"
    )
    run(
        "INSERT INTO cameras (code, name, area_id, path)"
        " SELECT 'C' || n, '柳溪' || n, 2, '1.2' FROM generate_series(1, :cameras) n",
        cameras=cameras,
    )
    run(
        "UPDATE camera_state SET health = 'offline', fault = 'timeout', layer = 'tcp', checked_at = now(),"
        " since = now() - interval '2 min', valid_until = now() + interval '1 hour'"
    )


def outage() -> None:
    run(
        "INSERT INTO outages (id, area_id, cause_kind, cause_key, name, opened_at, members, members_now, path)"
        " SELECT 1, 2, 'link', '7', '柳溪镇汇聚', now() - interval '2 min', count(*), count(*), '1.2' FROM cameras;"
        "INSERT INTO outage_members (outage_id, camera_id, since, path)"
        " SELECT 1, id, now() - interval '2 min', path FROM cameras"
    )


def recover() -> None:
    run(
        "UPDATE camera_state SET health = 'online', fault = NULL, layer = NULL, since = now() - interval '1 s';"
        "UPDATE outages SET closed_at = now() - interval '1 s', members_now = 0;"
        "UPDATE outage_members SET until = now() - interval '1 s'"
    )


def tell() -> None:
    """Do what the worker does every few seconds, a few times over."""
    for _ in range(3):
        decide_notices(0)
        asyncio.run(send_notices(0))


def states() -> list[str]:
    return [row.state for row in run("SELECT state FROM notices ORDER BY id")]


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


def test_a_mail_goes_encrypted_to_the_mailbox_of_a_unit(committed: Path, post: Post) -> None:
    rule(mailbox(post))
    county(2)
    tell()
    assert run("SELECT state, reason FROM notices") == [("sent", "")]
    envelope, mail = post.mails[0]
    assert envelope.rcpt_tos == ["duty@town.test"]
    assert mail["Subject"] == "[雪亮网格] 新发生 2"
    assert "- 离线，柳溪1 (C1)，柳溪镇，自 " in mail.get_content()
    assert mail["Auto-Submitted"] == "auto-generated"


def test_a_channel_may_speak_english(committed: Path, post: Post) -> None:
    rule(mailbox(post, language="en"))
    county(1)
    tell()
    assert post.mails[0][1]["Subject"] == "[Sharp Eyes Grid] New 1"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"password": "wrong-horse-9"}, "login SMTP 535"),
        ({"authority": ""}, "tls"),
        ({"host": "no-such-host.invalid"}, "no_name"),
        ({"port": 1}, "unreachable"),
    ],
)
def test_a_mail_that_cannot_go_says_why_and_waits(
    committed: Path, post: Post, changed: dict[str, Any], reason: str
) -> None:
    channel = mailbox(post, **changed)
    rule(channel)
    county(1)
    tell()
    row = run("SELECT state, attempts, reason FROM notices")[0]
    assert (row.state, row.attempts) == ("waiting", 1)
    assert row.reason.startswith(reason)
    assert run("SELECT failing_since IS NOT NULL FROM notice_channels") == [(True,)]
    assert post.mails == []


def test_a_mail_server_that_refuses_the_mail_is_quoted(committed: Path, post: Post) -> None:
    post.answer = "554 no thanks"
    rule(mailbox(post))
    county(1)
    tell()
    assert run("SELECT reason FROM notices") == [("mail SMTP 554 no thanks",)]


def test_a_redirect_is_not_followed_and_a_refusal_is_tried_again_in_order(committed: Path, hook: Receiver) -> None:
    hook.answers = [302, 503, 204, 204]
    rule(webhook(hook.url))
    county(1)
    tell()
    recover()
    for reason in ("redirect HTTP 302", "status HTTP 503", "HTTP 204"):
        assert run("SELECT reason FROM notices ORDER BY id LIMIT 1") == [(reason,)]
        run("UPDATE notices SET next_try_at = now() WHERE state = 'waiting'")
        tell()
    assert [one.path for one in hook.heard] == ["/hook?unit=1"] * 4
    assert [one.said["id"] for one in hook.heard] == [1, 1, 1, 2]
    assert [one.said["attempt"] for one in hook.heard] == [1, 2, 3, 1]
    assert run("SELECT failing_since FROM notice_channels") == [(None,)]


def test_a_dead_receiver_holds_up_no_other_channel(committed: Path, hook: Receiver) -> None:
    with receiver() as dead:
        dead.holds.set()
        rule(webhook(dead.url), webhook(hook.url))
        county(1)
        decide_notices(0)

        async def send_until_heard() -> None:
            sending = asyncio.create_task(send_notices(0))
            await asyncio.to_thread(hook.wait_for, 1)
            await asyncio.to_thread(dead.wait_for, 1)
            # One that comes while the first is held is taken at once, and the held one is left alone.
            second = asyncio.create_task(send_notices(0))
            await second
            dead.let_go.set()
            await sending

        asyncio.run(send_until_heard())
        assert (len(hook.heard), len(dead.heard)) == (1, 1)


def test_a_test_does_not_queue_behind_what_could_not_be_sent(committed: Path, hook: Receiver) -> None:
    hook.answers = [503]
    channel = webhook(hook.url)
    rule(channel)
    county(1)
    tell()
    with db.transaction() as session:
        notices.ask_for_test(session, channel)
    tell()
    assert [one.said["kind"] for one in hook.heard] == ["message", "test"]
    assert states() == ["waiting", "sent"]


def test_waits_grow_and_end_after_a_day() -> None:
    letter = Letter(id=1, channel_id=1, kind="message", attempts=1, created_at=NOW, lines=1)
    refused = Delivery(reason=Reason.STATUS)
    waits = [next_try(replace(letter, attempts=n), refused, now=NOW) for n in (1, 2, 6, 60)]
    assert [(at - NOW).total_seconds() for at in waits if at] == [10, 30, 600, 600]
    assert next_try(letter, Delivery(reason=Reason.LOGIN), now=NOW) == NOW + timedelta(hours=1)
    assert next_try(letter, refused, now=NOW + timedelta(days=1)) is None
    assert next_try(replace(letter, kind="test"), refused, now=NOW) is None


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


def worker() -> subprocess.Popen[bytes]:
    words = [str(Path(sys.executable).parent / "sharpeyes"), "worker", "--queues", "notices"]
    return subprocess.Popen(
        words, cwd=ROOT, env=os.environ.copy(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def test_a_worker_killed_while_it_sends_loses_nothing(
    committed: Path, hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message under way may come twice, under one number; those that waited come once."""
    hook.holds.set()
    county(2)
    rule(webhook(hook.url))
    decide_notices(0)
    recover()
    decide_notices(0)
    dying = worker()
    try:
        hook.wait_for(1)
        dying.send_signal(signal.SIGKILL)
    finally:
        dying.kill()
        dying.wait()
    assert states() == ["sending", "waiting"]
    hook.holds.clear()
    hook.let_go.set()
    # Another worker leaves it alone while the dead one might still be at it.
    tell()
    assert len(hook.heard) == 1
    run("UPDATE notices SET next_try_at = now() WHERE state = 'sending'")
    monkeypatch.setattr(job, "LEASE_S", 60.0)
    deadline = clock.monotonic() + 20
    while len(hook.heard) < 3 and clock.monotonic() < deadline:
        tell()
    assert [(one.said["id"], one.said["attempt"]) for one in hook.heard] == [(1, 1), (1, 2), (2, 1)]
    assert states() == ["sent", "sent"]
