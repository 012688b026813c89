"""What was told and what is on its way: matters as they stand, messages kept before they are sent, and the outbox."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from data.errors import Missing
from data.sql import query

# Who decides holds this lock, so that two workers never tell the same thing twice.
DECIDING = 170_170
STATES = ("waiting", "sending", "sent", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingCamera:
    """How a camera stands that somebody may have to be told of. `held`: in an open outage or in maintenance."""

    camera_id: int
    path: str
    monitor_class: int | None
    health: str
    since: datetime
    unstable_since: datetime | None
    held: bool
    left_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingOutage:
    """An outage that is open, or of which something was told; `lost` counts devices by area path."""

    id: int
    opened_at: datetime
    closed_at: datetime | None
    path: str
    lost: Mapping[str, int]
    classes: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a channel last heard of a matter that is not over."""

    matter: str
    channel_id: int
    rule_id: int
    trouble: str
    since: datetime
    at: datetime
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One line of a message, with what its matter was called when it was told."""

    matter: str
    rule_id: int
    since: datetime
    times: int
    step: str
    trouble: str
    devices: int
    at: datetime
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message that was taken to be sent; `lines` counts what it tells, `said` holds the first of them."""

    id: int
    channel_id: int
    kind: str
    attempts: int
    created_at: datetime
    lines: int
    said: tuple[Said, ...] = ()


def decide_alone(session: Session) -> bool:
    """Say whether this transaction may decide what is told; another worker is at it otherwise."""
    return bool(session.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": DECIDING}).scalar_one())


def standing_cameras(session: Session, *, now: datetime, silence: bool) -> list[StandingCamera]:
    """Return cameras in trouble and those of which something was told; with `silence` also what nobody hears of."""
    rows = session.execute(query("standing_cameras"), {"now": now, "silence": silence}).mappings()
    return [StandingCamera(**row) for row in rows]


def standing_outages(session: Session) -> list[StandingOutage]:
    """Return open outages and those of which something was told."""
    rows = session.execute(query("standing_outages")).mappings()
    return [StandingOutage(**(dict(row) | {"classes": tuple(row["classes"])})) for row in rows]


def heard(session: Session) -> list[Heard]:
    """Return what each channel last heard of every matter that is not over."""
    return [Heard(**row) for row in session.execute(query("told_notices")).mappings()]


def said_of_cameras(session: Session, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return what cameras are called and what is wrong with them, by id."""
    return {row["id"]: _plain(row) for row in session.execute(query("said_of_cameras"), {"ids": list(ids)}).mappings()}


def said_of_outages(session: Session, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return what outages are called, by id."""
    return {row["id"]: _plain(row) for row in session.execute(query("said_of_outages"), {"ids": list(ids)}).mappings()}


def write(session: Session, channel_id: int, lines: Sequence[Said]) -> int:
    """Keep a message for a channel and what it tells; return its number.

    It is durable when the transaction ends, and sent afterwards. What was told before is refused by the database.
    """
    number = session.execute(
        text(
            "INSERT INTO notices (channel_id, path, lines, created_at, next_try_at)"
            " SELECT id, path, :lines, :at, :at FROM notice_channels WHERE id = :channel RETURNING id"
        ),
        {"channel": channel_id, "lines": len(lines), "at": lines[0].at},
    ).scalar_one()
    session.execute(
        text(
            "INSERT INTO notice_lines (notice_id, channel_id, rule_id, matter, since, times, step, trouble, devices,"
            " at, said) SELECT :notice, :channel, l.rule_id, l.matter, l.since, l.times, l.step, l.trouble, l.devices,"
            " l.at, l.said FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS l (rule_id bigint, matter text,"
            " since timestamptz, times integer, step text, trouble text, devices integer, at timestamptz, said jsonb)"
        ),
        {"notice": number, "channel": channel_id, "lines": json.dumps([_row(line) for line in lines])},
    )
    close(session, [(channel_id, line.matter) for line in lines if line.step == "recovered"])
    return int(number)


def close(session: Session, over: Iterable[tuple[int, str]]) -> None:
    """Write down that nothing more is told of matters to channels, until they come up anew."""
    listed = list(over)
    session.execute(
        text(
            "UPDATE notice_lines l SET closed = true FROM unnest(CAST(:channels AS bigint[]), CAST(:matters AS text[]))"
            " AS o (channel_id, matter) WHERE l.channel_id = o.channel_id AND l.matter = o.matter AND NOT l.closed"
        ),
        {"channels": [channel for channel, _ in listed], "matters": [matter for _, matter in listed]},
    )


def take(session: Session, *, now: datetime, lease_s: float, most_lines: int) -> list[Letter]:
    """Take the oldest message of each channel whose time has come; nobody else sends it within `lease_s`."""
    rows = session.execute(query("take_notices"), {"now": now, "lease_s": lease_s}).mappings().all()
    return [Letter(**row, said=tuple(lines_of(session, row["id"], limit=most_lines))) for row in rows]


def lines_of(session: Session, notice_id: int, *, limit: int = 1000, offset: int = 0) -> list[Said]:
    """Return what a message tells, outages first and then in the order it was written."""
    rows = session.execute(
        text(
            "SELECT matter, rule_id, since, times, step, trouble, devices, at, said FROM notice_lines"
            " WHERE notice_id = :id ORDER BY matter NOT LIKE 'outage:%', id LIMIT :limit OFFSET :offset"
        ),
        {"id": notice_id, "limit": limit, "offset": offset},
    )
    return [Said(**row) for row in rows.mappings()]


def sent(session: Session, letter: Letter, *, now: datetime, answer: str) -> None:
    """Write down that a message arrived."""
    session.execute(
        text("UPDATE notices SET state = 'sent', sent_at = :now, reason = :answer WHERE id = :id"),
        {"id": letter.id, "now": now, "answer": answer},
    )
    session.execute(
        text("UPDATE notice_channels SET sent_at = :now, failing_since = NULL, reason = '' WHERE id = :id"),
        {"id": letter.channel_id, "now": now},
    )


def not_sent(session: Session, letter: Letter, *, now: datetime, reason: str, again_at: datetime | None) -> None:
    """Write down why a message did not arrive, and when it is tried again; None gives it up."""
    session.execute(
        text(
            "UPDATE notices SET state = CASE WHEN CAST(:again AS timestamptz) IS NULL THEN 'failed' ELSE 'waiting' END,"
            " reason = :reason, next_try_at = coalesce(:again, next_try_at) WHERE id = :id"
        ),
        {"id": letter.id, "reason": reason, "again": again_at},
    )
    session.execute(
        text(
            "UPDATE notice_channels SET failing_since = coalesce(failing_since, :now), reason = :reason WHERE id = :id"
        ),
        {"id": letter.channel_id, "reason": reason, "now": now},
    )


def ask_for_test(session: Session, channel_id: int) -> int:
    """Keep a test message for a channel; return its number."""
    number = session.execute(
        text(
            "INSERT INTO notices (channel_id, path, kind)"
            " SELECT id, path, 'test' FROM notice_channels WHERE id = :id RETURNING id"
        ),
        {"id": channel_id},
    ).scalar_one_or_none()
    if number is None:
        raise Missing("There is no such channel, or it lies outside the areas granted to you.")
    return int(number)


def try_again(session: Session, notice_id: int, *, now: datetime) -> None:
    """Try a message again that was given up, at once. Raises Missing."""
    found = session.execute(
        text(
            "UPDATE notices SET state = 'waiting', attempts = 0, next_try_at = :now"
            " WHERE id = :id AND state IN ('failed', 'waiting') RETURNING id"
        ),
        {"id": notice_id, "now": now},
    ).one_or_none()
    if found is None:
        raise Missing("There is no such message to be tried again.")


def outbox(session: Session, *, state: str | None = None, limit: int = 50, offset: int = 0) -> list[dict[str, Any]]:
    """Return messages inside the scope, newest first."""
    rows = session.execute(text(f"{_OUTBOX} ORDER BY n.id DESC LIMIT :limit OFFSET :offset"), {
        "state": state, "id": None, "limit": limit, "offset": offset,
    })  # fmt: skip
    return [dict(row) for row in rows.mappings()]


def letter(session: Session, notice_id: int) -> dict[str, Any]:
    """Return one message inside the scope as the outbox has it. Raises Missing."""
    row = session.execute(text(_OUTBOX), {"state": None, "id": notice_id}).mappings().one_or_none()
    if row is None:
        raise Missing("There is no such message, or it lies outside the areas granted to you.")
    return dict(row)


def forget_before(session: Session, moment: datetime) -> int:
    """Remove messages from before `moment` that are settled, and whose matters are over; return how many."""
    gone = session.execute(
        text(
            "DELETE FROM notices n WHERE created_at < :moment AND state IN ('sent', 'failed') AND NOT EXISTS"
            " (SELECT FROM notice_lines l WHERE l.notice_id = n.id AND NOT l.closed) RETURNING id"
        ),
        {"moment": moment},
    )
    return len(gone.all())


_OUTBOX = (
    "SELECT n.id, n.kind, n.state, n.lines, n.attempts, n.created_at, n.next_try_at, n.sent_at, n.reason,"
    " c.id AS channel_id, c.name AS channel, c.way, c.active, c.failing_since,"
    " (SELECT jsonb_object_agg(t.step, t.count) FROM (SELECT step, count(*) FROM notice_lines l"
    "  WHERE l.notice_id = n.id GROUP BY step) t) AS steps,"
    " (SELECT jsonb_agg(jsonb_build_object('step', f.step, 'trouble', f.trouble, 'devices', f.devices, 'said', f.said))"
    "  FROM (SELECT step, trouble, devices, said FROM notice_lines l WHERE l.notice_id = n.id"
    "        ORDER BY matter NOT LIKE 'outage:%', id LIMIT 3) f) AS first"
    " FROM notices n JOIN notice_channels c ON c.id = n.channel_id"
    " WHERE (CAST(:state AS text) IS NULL OR n.state = :state) AND (CAST(:id AS bigint) IS NULL OR n.id = :id)"
)


def _row(line: Said) -> dict[str, Any]:
    names = ("matter", "rule_id", "times", "step", "trouble", "devices", "said")
    return {name: getattr(line, name) for name in names} | {
        "since": line.since.isoformat(),
        "at": line.at.isoformat(),
    }


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        str(name): value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
        if value is not None
    }
