"""A town whose cameras went away, whom to tell of it, and the few lines that do what the worker does."""

import asyncio
from dataclasses import replace
from typing import Any

from sqlalchemy import text

from data import db, notice_channels, notice_rules
from data.notice_channels import Channel
from data.notice_rules import NoticeRule
from tests.web.receivers import PASSWORD, Post
from web.jobs.notices import decide_notices, send_notices

SECRET = "a-secret-of-24-characters"


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
