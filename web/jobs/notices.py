"""Telling people, as jobs: decide every few seconds what must be told, and send what waits.

They run in a worker of their own, so that a dead mail server delays no look and no alarm. A message and what it tells
are kept in one transaction before anything is sent; a message under way when the worker dies is sent again.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from data import db, notice_channels, notice_rules, notices, options, settings
from data.notice_channels import Channel
from data.notice_rules import NoticeRule
from data.notices import Letter, Said, StandingCamera, StandingOutage
from data.queue import app
from data.secrets import SecretError
from desk.notices import Decision, Line, Matter, Message, Quiet, Rule, Rules, Told, Trouble, decide
from web.jobs import delivery
from web.jobs.delivery import TOTAL_S, Delivery, Reason
from web.jobs.notice_texts import Place, Writing, as_json, as_mail

log = logging.getLogger(__name__)

# While a message is being sent nobody else takes it; a worker that died has lost it after this long.
LEASE_S = 2 * TOTAL_S
# Seconds to wait after the first, second, … failed attempt; the last for all that follow.
WAITS_S = (10, 30, 60, 120, 300, 600)
# A password that was refused is not tried often, or the mail server would lock the account.
WAIT_AFTER_REFUSED_LOGIN_S = 3600
# What could not be told within a day is news no more.
TRIED_FOR = timedelta(days=1)
KEPT = timedelta(days=180)
MOST_LINES = 5_000


@app.periodic(cron="* * * * * */5")
@app.task(name="decide_notices", queue="notices", queueing_lock="decide_notices")
def decide_notices(timestamp: int) -> None:
    """Decide what must be told now, and keep it as messages."""
    now = datetime.now(UTC)
    with db.transaction() as session:
        if notices.decide_alone(session):
            act_on(session, what_now(session, now=now), now=now)


@app.periodic(cron="* * * * * */2")
@app.task(name="send_notices", queue="notices", queueing_lock="send_notices")
async def send_notices(timestamp: int) -> None:
    """Send what waits, one message at a time on each channel, all channels at once."""
    while letters := await asyncio.to_thread(_take, datetime.now(UTC)):
        await asyncio.gather(*map(send, letters))


@app.periodic(cron="41 * * * *")
@app.task(name="tidy_notices", queue="notices", queueing_lock="tidy_notices")
def tidy_notices(timestamp: int) -> None:
    """Remove messages that are past their time."""
    with db.transaction() as session:
        notices.forget_before(session, datetime.now(UTC) - KEPT)


def what_now(session: Session, *, now: datetime) -> Decision:
    """Return what must be told now."""
    rules = rules_of(notice_rules.rules(session), notice_channels.channels(session))
    told = [
        Told(
            matter=one.matter, channel=one.channel_id, rule=one.rule_id, trouble=Trouble(one.trouble),
            since=one.since, at=one.at, times=one.times,
        )
        for one in notices.heard(session)
    ]  # fmt: skip
    if not rules.every and not told:
        return Decision()
    hears_silence = any(rule.hears(Trouble.UNKNOWN) for rule in rules.every)
    cameras = notices.standing_cameras(session, now=now, silence=hears_silence)
    matters = [*map(matter_of_camera, cameras), *map(matter_of_outage, notices.standing_outages(session))]
    return decide(matters, told, rules, now=now)


def act_on(session: Session, decision: Decision, *, now: datetime) -> None:
    """Keep what was decided, in this transaction.

    Here orders join in: of the lines of a rule that asks for them, each OPENED becomes an order for its matter, and
    each RECOVERED says on that order that its cause is gone. The unique key of a line keeps it from being made twice.
    """
    for message in decision.messages:
        number = notices.write(session, message.channel, _said(session, message, now))
        log.info("notice=%s channel=%s lines=%d", number, message.channel, len(message.lines))
    notices.close(session, [(one.channel, one.matter) for one in decision.forgotten])


async def send(letter: Letter) -> None:
    """Send one message and write down how it went."""
    now = datetime.now(UTC)
    try:
        channel, writing = await asyncio.to_thread(_opened, letter)
    except SecretError:
        done = Delivery(reason=Reason.SECRET)
    else:
        done = await _deliver(channel, writing, letter, now)
    await asyncio.to_thread(_settle, letter, done, datetime.now(UTC))


def next_try(letter: Letter, done: Delivery, *, now: datetime) -> datetime | None:
    """Return when a message that did not arrive is tried again; None when it is given up. A test is tried once."""
    if letter.kind == "test" or now - letter.created_at >= TRIED_FOR:
        return None
    wait_s = WAITS_S[min(letter.attempts, len(WAITS_S)) - 1]
    if done.reason is Reason.LOGIN:
        wait_s = WAIT_AFTER_REFUSED_LOGIN_S
    return now + timedelta(seconds=wait_s)


def rules_of(written: Iterable[NoticeRule], channels: Iterable[Channel]) -> Rules:
    """Return the rules in force, each with those of its channels that are in use."""
    used = {channel.id for channel in channels if channel.active}
    return Rules(tuple(rule_of(rule, used) for rule in written if rule.active and used & set(rule.channels)))


def rule_of(written: NoticeRule, used: set[int]) -> Rule:
    """Return a stored rule as one to decide by."""
    quiet = None
    if written.quiet_from is not None and written.quiet_until is not None:
        quiet = Quiet(start=written.quiet_from, end=written.quiet_until, zone=ZoneInfo(written.timezone))
    return Rule(
        id=written.id,
        path=written.path,
        classes=frozenset(written.classes),
        kinds=frozenset(map(Trouble, written.kinds)),
        channels=frozenset(written.channels) & used,
        delay_s=written.delay_s,
        group_s=written.group_s,
        remind_s=written.remind_s,
        quiet=quiet,
    )


def matter_of_camera(camera: StandingCamera) -> Matter:
    """Return a camera as a matter; one that comes and goes is in one long trouble."""
    is_unstable = camera.unstable_since is not None
    trouble = None if camera.health == "online" else Trouble(camera.health)
    return Matter(
        key=f"camera:{camera.camera_id}",
        trouble=Trouble.UNSTABLE if is_unstable else trouble,
        since=camera.unstable_since or camera.since,
        paths={camera.path: 1},
        classes=frozenset() if camera.monitor_class is None else frozenset({camera.monitor_class}),
        held=camera.held,
        counted_from=camera.left_at,
    )


def matter_of_outage(outage: StandingOutage) -> Matter:
    """Return an outage as a matter."""
    return Matter(
        key=f"outage:{outage.id}",
        trouble=None if outage.closed_at else Trouble.OUTAGE,
        since=outage.closed_at or outage.opened_at,
        paths=outage.lost or {outage.path: 0},
        classes=frozenset(outage.classes),
    )


def _said(session: Session, message: Message, now: datetime) -> list[Said]:
    known = {
        "camera": notices.said_of_cameras(session, _numbers(message.lines, "camera")),
        "outage": notices.said_of_outages(session, _numbers(message.lines, "outage")),
    }
    return [_line(line, known, now) for line in message.lines]


def _line(line: Line, known: dict[str, dict[int, dict[str, object]]], now: datetime) -> Said:
    kind, number = line.matter.split(":")
    return Said(
        matter=line.matter,
        rule_id=line.rule,
        since=line.since,
        times=line.times,
        step=line.step,
        trouble=line.trouble,
        devices=line.devices,
        at=now,
        said=known[kind].get(int(number), {}),
    )


def _numbers(lines: Sequence[Line], kind: str) -> list[int]:
    return [int(line.matter.partition(":")[2]) for line in lines if line.matter.startswith(f"{kind}:")]


def _take(now: datetime) -> list[Letter]:
    with db.transaction() as session:
        return notices.take(session, now=now, lease_s=LEASE_S, most_lines=MOST_LINES)


def _opened(letter: Letter) -> tuple[Channel, Writing]:
    with db.transaction() as session:
        channel = notice_channels.for_sending(session, letter.channel_id)
        shown = options.shown_to_all(session)
    place = Place(name=shown.site_name, timezone=settings.get().timezone, demonstration=shown.demonstration)
    return channel, Writing(language=channel.language, place=place)


async def _deliver(channel: Channel, writing: Writing, letter: Letter, now: datetime) -> Delivery:
    if channel.way == "webhook":
        return await delivery.post(channel, as_json(writing, channel, letter), notice_id=letter.id, now=now)
    return await delivery.mail(channel, as_mail(writing, channel, letter, now=now))


def _settle(letter: Letter, done: Delivery, now: datetime) -> None:
    with db.transaction() as session:
        if done.reason is None:
            notices.sent(session, letter, now=now, answer=done.answer)
            return
        again_at = next_try(letter, done, now=now)
        notices.not_sent(session, letter, now=now, reason=str(done), again_at=again_at)
    log.warning("notice=%s channel=%s failed reason=%s again_at=%s", letter.id, letter.channel_id, done, again_at)
