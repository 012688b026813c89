"""How messages get out: by mail and webhook, in order, again when it failed, and over the death of the worker."""

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

from data import db, notices
from data.notices import Letter
from tests.web.receivers import Post, Receiver, post_office, receiver
from tests.web.told import county, mailbox, recover, rule, run, states, tell, webhook
from web.jobs.delivery import Delivery, Reason
from web.jobs.notices import decide_notices, next_try, send_notices

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime.now(UTC)


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as here:
        yield here


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with post_office(tmp_path) as here:
        yield here


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


def worker() -> subprocess.Popen[bytes]:
    words = [str(Path(sys.executable).parent / "sharpeyes"), "worker", "--queues", "notices"]
    return subprocess.Popen(
        words, cwd=ROOT, env=os.environ.copy(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def test_a_worker_killed_while_it_sends_loses_nothing(committed: Path, hook: Receiver) -> None:
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
    deadline = clock.monotonic() + 20
    while len(hook.heard) < 3 and clock.monotonic() < deadline:
        tell()
    assert [(one.said["id"], one.said["attempt"]) for one in hook.heard] == [(1, 1), (1, 2), (2, 1)]
    assert states() == ["sent", "sent"]
