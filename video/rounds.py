"""Rounds over the cameras that are due: take, look, judge, remember. The only place that joins them.

No database session is open while a device is being looked at. Looks are taken a moment before their turn and begin
when it comes, so that they run in a steady trickle; results are written in small batches as they come, so a slow
camera holds nobody's verdict up.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

from data import db, health, hours, limits, networks, probers, turns
from data.health import Change, Due, Outcome
from data.hours import Hours
from data.looks import Observation
from video import scenes
from video.crew import Crew, Places
from video.decoders import Decoders
from video.intervals import advance
from video.judge import judge
from video.networks import Networks, networks_of
from video.pace import Pace, aimed, wanted
from video.pacing import holds_until, next_look_at
from video.probe import look
from video.row import Rows
from video.uplink import Uplink, answers, group_of

log = logging.getLogger(__name__)

# A batch of verdicts is written at least this often, so that a wall hears of one within a second.
WRITE_EVERY_S = 0.5
MOST_WRITTEN = 500
# Looks are taken this often, and this long before their turn.
TAKE_EVERY_S, AHEAD_S = 0.5, 1.25
# How often cameras that lost their turn are looked for.
RESTORE_EVERY_S = 60.0
# How often the worker asks itself whether it is the one that is cut off, and how often it writes that it lives.
SETTLE_EVERY_S, SAY_EVERY_S = 1.0, 15.0
# A worker told to stop waits this long for looks under way.
LEAVE_WITHIN_S = 5.0
# Any number of a camera's own between 0 and 1, so that dead ones do not all come back together.
_GOLDEN = 0.618034

Clock = Callable[[], datetime]
Wrote = Callable[[Sequence[Outcome], Sequence[Change]], None]


async def run(pace: Pace, *, clock: Clock, decoders: Decoders | None) -> int:
    """Look at every camera that is due now and remember what was seen; return how many there were."""
    async with _Round(pace, clock, decoders).under_way() as this:
        return await this.take(at_most=pace.at_most)


async def keep_looking(
    pace: Pace,
    *,
    clock: Clock,
    decoders: Decoders | None,
    leave: asyncio.Event,
    asked: asyncio.Event | None = None,
    wrote: Wrote | None = None,
) -> None:
    """Look at every camera when its turn comes, until told to leave.

    `asked` says that somebody wants a look now; `wrote` is called with each batch that was written.
    """
    restored_at = -RESTORE_EVERY_S
    asked = asked or asyncio.Event()
    async with _Round(pace, clock, decoders, wrote).under_way() as this:
        while not leave.is_set():
            if monotonic() - restored_at >= RESTORE_EVERY_S:
                restored_at = monotonic()
                await this.restore()
            room = pace.at_most - this.crew.waiting - this.unwritten
            took = await this.take(at_most=room, ahead_s=AHEAD_S) if room > 0 else 0
            if took < room or room <= 0:
                await _pause(TAKE_EVERY_S, asked, leave)
        asyncio.get_running_loop().call_later(LEAVE_WITHIN_S, this.crew.drop)


def decide(due: Due, seen: Observation, pace: Pace) -> Outcome:
    """Return what one look means for its camera."""
    mine, seen = pace.limits_of(due.monitor_class), scenes.judged_by(due.thresholds, seen)
    course, changes = advance(due.course, judge(seen, mine), mine)
    usual = seen.at + timedelta(seconds=pace.every_s)
    # The middle of the jitter, since turns that are booked as usual have their own.
    again = next_look_at(course, seen_at=seen.at, limits=mine, beat=pace.beat)
    if again == usual:
        return Outcome(due=due, seen=seen, course=course, changes=changes)
    if again > usual:
        spread = due.camera_id * _GOLDEN % 1
        again = next_look_at(course, seen_at=seen.at, limits=mine, beat=pace.beat, spread=spread)
    course = replace(course, valid_until=holds_until(course, next_at=again, beat=pace.beat))
    return Outcome(due=due, seen=seen, course=course, changes=changes, look_again_at=again)


def believed(due: Due, seen: Observation, pace: Pace, *, uplink: Uplink) -> Outcome:
    """Return what one look means for its camera, as far as the prober itself could see anything."""
    if not uplink.trusts(seen):
        # The camera is as it was, and what is known of it expires.
        return Outcome(due=due, seen=seen, course=due.course, judged=False)
    course = uplink.cleared(due.course)
    if course is due.course:
        return decide(due, seen, pace)
    # What is written is compared with what was stored, doubt and all.
    return replace(decide(replace(due, course=course), seen, pace), due=due)


class _Round:
    """Looks of one worker from being taken to being written."""

    crew: Crew

    def __init__(self, pace: Pace, clock: Clock, decoders: Decoders | None, wrote: Wrote | None = None) -> None:
        self._pace, self._clock, self._decoders, self._wrote = pace, clock, decoders, wrote
        # Nothing, until the first turn is taken.
        self._allowed = Networks()
        self._picturing = 0
        self._uplink = Uplink()
        self._hours = Hours()
        self._rows = Rows()
        self._heard: asyncio.Queue[tuple[Outcome, bool] | None] = asyncio.Queue()
        # Looks wait for a database that is slower than they are, instead of piling up.
        self.unwritten = 0

    @asynccontextmanager
    async def under_way(self) -> AsyncIterator["_Round"]:
        """Write what is seen while the block lasts; at its end wait for the looks under way and write the rest."""
        places = Places(at_once=self._pace.at_once, most=self._pace.most_open)
        async with asyncio.TaskGroup() as group:
            await asyncio.to_thread(self._read_limits)
            group.create_task(self._write_as_they_come())
            watch = group.create_task(self._watch_uplink())
            async with Crew(self._look, self._hear, places=places, clock=self._clock) as self.crew:
                yield self
            watch.cancel()
            self._heard.put_nowait(None)

    async def restore(self) -> None:
        """Give cameras that lost their turn one, and read the limits anew."""
        await asyncio.to_thread(_restore, self._pace)
        await asyncio.to_thread(self._read_limits)

    async def take(self, *, at_most: int, ahead_s: float = 0.0) -> int:
        """Begin the looks whose turn comes within `ahead_s`; return how many."""
        has_decoders = self._decoders is not None
        dues, self._allowed = await asyncio.to_thread(_take, self._pace, self._clock(), at_most, ahead_s, has_decoders)
        self.crew.begin(dues)
        return len(dues)

    async def _look(self, due: Due) -> Observation:
        now = self._clock()
        room = self._decoders is not None and self._picturing < self._pace.pictures_at_once
        target = aimed(due, self._pace, now=now, room=room)
        self._picturing += target.want_picture
        try:
            return await look(
                target,
                now=now,
                decoders=self._decoders,
                timeouts=self._pace.patience,
                networks=self._allowed,
                row=self._rows.row_of(target, now_s=monotonic()),
            )
        finally:
            self._picturing -= target.want_picture

    def _hear(self, due: Due, seen: Observation, more: bool) -> None:
        self._uplink.heard(group_of(due.path, due.target.rtsp_url or due.target.onvif_url), seen)
        self.unwritten += 1
        self._heard.put_nowait((believed(due, seen, self._pace, uplink=self._uplink), more))

    async def _watch_uplink(self) -> None:
        """Ask, as long as the rounds last, whether it is us who are cut off, and write down what we find."""
        said_at = -SAY_EVERY_S
        while True:
            references = await answers(self._pace.references)
            changed = self._uplink.settle(now=self._clock(), references=references)
            if changed or monotonic() - said_at >= SAY_EVERY_S:
                said_at = monotonic()
                await asyncio.to_thread(self._say_standing, changed)
            await asyncio.sleep(SETTLE_EVERY_S)

    def _say_standing(self, changed: bool) -> None:
        site, since = self._pace.probe_site, self._uplink.since
        if changed:
            log.warning("prober site=%s cut_off_since=%s", site, since)
        with db.transaction() as session:
            probers.hear(session, site, now=self._clock(), cut_off_since=since)

    def _read_limits(self) -> None:
        with db.transaction() as session:
            of_classes = limits.by_class(session, limits.DEFAULTS | {limits.NO_CLASS: self._pace.limits})
        self._pace = replace(self._pace, by_class=of_classes)

    async def _write_as_they_come(self) -> None:
        """Write outcomes in batches until None comes."""
        more = True
        while more:
            batch = [await self._heard.get()]
            with suppress(asyncio.QueueEmpty):
                while len(batch) < MOST_WRITTEN:
                    batch.append(self._heard.get_nowait())
            more = None not in batch
            done = [heard for heard in batch if heard is not None]
            changes = await asyncio.to_thread(self._write, done, last=not more)
            self.unwritten -= len(done)
            if self._wrote and done:
                self._wrote([outcome for outcome, _ in done], changes)
            # A full batch has more behind it.
            await asyncio.sleep(WRITE_EVERY_S if more and len(batch) < MOST_WRITTEN else 0)

    def _write(self, heard: Sequence[tuple[Outcome, bool]], *, last: bool) -> list[Change]:
        batch = [outcome for outcome, _ in heard if outcome.judged]
        going_on, done = _recorders(heard)
        sums = [one for o in batch for one in self._hours.add(o.due.camera_id, o.due.path, o.seen)]
        with db.transaction() as session:
            changes = health.remember(session, batch)
            turns.book(session, {o.due.camera_id: o.look_again_at for o in batch if o.look_again_at})
            hours.write(session, sums + (self._hours.take_all() if last else []))
            turns.hold(session, going_on, until=self._clock() + timedelta(seconds=self._pace.held_s))
            turns.release(session, done)
            scenes.keep(session, batch)
            health.tell(session, changes)
            if not changes:
                # The next look says the same again.
                db.may_be_lost(session)
        _log(batch, changes)
        return changes


def _take(pace: Pace, now: datetime, at_most: int, ahead_s: float, has_decoders: bool) -> tuple[list[Due], Networks]:
    with db.transaction() as session:
        # A turn that a crash takes along comes again by itself.
        db.may_be_lost(session)
        dues = turns.take_due(
            session,
            now=now,
            at_most=at_most,
            every_s=pace.every_s,
            probe_site=pace.probe_site,
            ahead_s=ahead_s,
            held_s=pace.held_s,
        )
        if has_decoders:
            dues = scenes.equipped(session, dues, lambda due: wanted(due, pace, now=now)[1])
        return dues, networks_of(networks.allowed(session, pace.probe_site))


def _restore(pace: Pace) -> None:
    with db.transaction() as session:
        if restored := turns.restore(session, every_s=pace.every_s):
            log.info("turns restored cameras=%d", restored)


def _recorders(heard: Sequence[tuple[Outcome, bool]]) -> tuple[list[str], list[str]]:
    """Return the recorders whose next channel is being looked at, and those that were looked at to the end."""
    goes_on = {o.due.target.turn_key: more for o, more in heard if o.due.target.turn_key}
    return [name for name, more in goes_on.items() if more], [name for name, more in goes_on.items() if not more]


def _log(outcomes: Sequence[Outcome], changes: Sequence[Change]) -> None:
    codes = {outcome.due.camera_id: outcome.due.target.code for outcome in outcomes}
    for change in changes:
        log.info(
            "camera=%s health=%s fault=%s since=%s", codes[change.camera_id], change.health, change.fault, change.since
        )


async def _pause(at_most_s: float, *events: asyncio.Event) -> None:
    """Wait until one of the events is set, or the time is over; the first of them is cleared."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=at_most_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waits:
            each.cancel()
        events[0].clear()
