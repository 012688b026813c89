"""Rounds over the cameras that are due: take, look, judge, remember. The only place that joins them.

No database session is open while a device is being looked at. Results are written in small batches as they come, so a
slow camera holds nobody's verdict up.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from data import db, health, networks, pictures
from data.health import Due, Outcome
from data.types import Layer, Limits, Observation, Target
from video.decoders import Decoders
from video.intervals import advance
from video.judge import judge
from video.networks import Networks, networks_of
from video.probe import Timeouts, looks

log = logging.getLogger(__name__)

# A batch of verdicts is written at least this often, so that a wall hears of one within a second.
WRITE_EVERY_S = 0.25
PICTURE_LAYERS = (Layer.KEY_FRAME, Layer.PICTURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a worker looks and how it judges; seconds."""

    probe_site: str = "main"
    every_s: float = 60.0
    picture_every_s: float = 300.0
    confirm_every_s: float = 15.0
    at_once: int = 64
    at_most: int = 1_000
    limits: Limits = field(default_factory=Limits)
    timeouts: Timeouts = field(default_factory=Timeouts)

    @property
    def patience(self) -> Timeouts:
        """The timeouts, with words that hold two and a half turns and one look."""
        return replace(self.timeouts, valid_for_s=2.5 * self.every_s + self.timeouts.total_s)


async def run(pace: Pace, *, clock: Callable[[], datetime], decoders: Decoders | None) -> int:
    """Look at every camera that is due now and remember what was seen; return how many there were."""
    dues, allowed = await asyncio.to_thread(_take, pace, clock())
    if not dues:
        return 0
    waiting = {due.camera_id: due for due in dues}
    outcomes: asyncio.Queue[Outcome | None] = asyncio.Queue()
    async with asyncio.TaskGroup() as group:
        group.create_task(_write_as_they_come(outcomes))
        targets = [aimed(due, pace, now=clock()) for due in dues]
        async for target, seen in looks(
            targets, clock=clock, decoders=decoders, timeouts=pace.patience, at_once=pace.at_once, networks=allowed
        ):
            outcomes.put_nowait(decide(waiting[target.camera_id or 0], seen, pace))
        outcomes.put_nowait(None)
    return len(dues)


def aimed(due: Due, pace: Pace, *, now: datetime) -> Target:
    """Return what to look at, with a picture when it is time for one.

    While a picture is the trouble, or may be, every look takes one: a cheap look would call the camera well.
    """
    course = due.course
    in_doubt = any(word is not None and word.layer in PICTURE_LAYERS for word in (course.open, course.waiting))
    fresh = due.pictured_at is not None and now - due.pictured_at < timedelta(seconds=pace.picture_every_s)
    return replace(due.target, want_picture=due.asked or in_doubt or not fresh)


def decide(due: Due, seen: Observation, pace: Pace) -> Outcome:
    """Return what one look means for its camera."""
    course, changes = advance(due.course, judge(seen, pace.limits), pace.limits)
    again = seen.at + timedelta(seconds=pace.confirm_every_s) if course.waiting else None
    return Outcome(due=due, seen=seen, course=course, changes=changes, look_again_at=again)


def _take(pace: Pace, now: datetime) -> tuple[list[Due], Networks]:
    with db.transaction() as session:
        dues = health.take_due(session, now=now, at_most=pace.at_most, every_s=pace.every_s, probe_site=pace.probe_site)
        return dues, networks_of(networks.allowed(session, pace.probe_site))


async def _write_as_they_come(outcomes: asyncio.Queue[Outcome | None]) -> None:
    """Write outcomes in batches until None comes."""
    more = True
    while more:
        batch = [await outcomes.get()]
        with suppress(asyncio.QueueEmpty):
            while True:
                batch.append(outcomes.get_nowait())
        more = None not in batch
        done = [outcome for outcome in batch if outcome is not None]
        if done:
            await asyncio.to_thread(_write, done)
        await asyncio.sleep(WRITE_EVERY_S if more else 0)


def _write(outcomes: Iterable[Outcome]) -> None:
    batch = list(outcomes)
    with db.transaction() as session:
        changes = health.remember(session, batch)
        for outcome in batch:
            if outcome.seen.picture:
                due = outcome.due
                pictures.store(session, due.camera_id, path=due.path, picture=outcome.seen.picture, at=outcome.seen.at)
        health.tell(session, changes)
    codes = {outcome.due.camera_id: outcome.due.target.code for outcome in batch}
    for change in changes:
        log.info(
            "camera=%s health=%s fault=%s since=%s", codes[change.camera_id], change.health, change.fault, change.since
        )
