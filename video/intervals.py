"""Verdicts become stretches of health, and stretches become rates. Pure.

Silence is not health: a stretch of known health ends when its last word expires, and what follows is UNKNOWN. A change
is confirmed before it is told, by count and for OFFLINE also by time, and then begins where it was first seen.
Stretches never overlap, have no gaps between them and are never empty.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from data.types import Course, Health, Interval, Limits, Verdict

Changes = tuple[Interval, ...]

# A device that answers is in line even when its password is wrong or its picture bad.
IN_LINE = frozenset({Health.ONLINE, Health.DEGRADED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share with what it is made of, in seconds; `unchecked_s` is in neither and is shown beside it."""

    numerator_s: float
    denominator_s: float
    unchecked_s: float

    @property
    def share(self) -> float | None:
        """The share from 0 to 1; None when nothing was checked."""
        return self.numerator_s / self.denominator_s if self.denominator_s else None


def advance(course: Course, verdict: Verdict, limits: Limits) -> tuple[Course, Changes]:
    """Return the course after one more verdict, and the intervals that were closed or opened on the way.

    An interval is the same row when its `since` is the same. A verdict older than what is already told changes nothing.
    """
    if _is_late(course, verdict):
        return course, ()
    course, changes = expire(course, verdict.at)
    valid_until = max(verdict.valid_until, course.valid_until or verdict.valid_until)
    course = replace(course, valid_until=valid_until)
    if course.open is not None and _same(course.open, verdict):
        return replace(course, waiting=None, waiting_looks=0), changes
    first, looks = _counted(course, verdict)
    if not _is_confirmed(verdict, limits, first=first, looks=looks):
        return replace(course, waiting=replace(verdict, at=first), waiting_looks=looks), changes
    opened, change = _turned(course.open, verdict, first)
    return Course(open=opened, valid_until=valid_until), changes + change


def expire(course: Course, now: datetime) -> tuple[Course, Changes]:
    """Return the course at `now`: UNKNOWN from where its last word expired, if it has."""
    expiry = course.valid_until
    if expiry is None or now < expiry:
        return course, ()
    # What was waiting has expired too: bad looks before and after a silence say nothing of the time between.
    course = replace(course, waiting=None, waiting_looks=0)
    known = course.open
    if known is None or known.health is Health.UNKNOWN:
        return course, ()
    silence = Interval(since=max(expiry, known.since), until=None, health=Health.UNKNOWN)
    gone = replace(course, open=silence)
    if silence.since == known.since:
        return gone, (silence,)
    return gone, (replace(known, until=silence.since), silence)


def online_rate(
    intervals: Iterable[Interval], *, since: datetime, until: datetime, now: datetime, valid_until: datetime | None
) -> Rate:
    """Return time in line / time known within [since, until), never later than `now`.

    An open interval counts to `valid_until`, the expiry of the last word, at most. Time that no interval covers is
    unchecked, as UNKNOWN is.
    """
    end = min(until, now)
    window_s = max(0.0, (end - since).total_seconds())
    in_line_s = known_s = 0.0
    for interval in intervals:
        if interval.health is Health.UNKNOWN:
            continue
        last = interval.until or min(end, valid_until or end)
        seconds = max(0.0, (min(last, end) - max(interval.since, since)).total_seconds())
        known_s += seconds
        in_line_s += seconds if interval.health in IN_LINE else 0.0
    return Rate(numerator_s=in_line_s, denominator_s=known_s, unchecked_s=window_s - known_s)


def _is_late(course: Course, verdict: Verdict) -> bool:
    told = course.open is not None and verdict.at <= course.open.since
    return told or (course.waiting is not None and verdict.at <= course.waiting.at)


def _same(known: Interval, verdict: Verdict) -> bool:
    return (known.health, known.fault, known.layer) == (verdict.health, verdict.fault, verdict.layer)


def _counted(course: Course, verdict: Verdict) -> tuple[datetime, int]:
    waiting = course.waiting
    if waiting is None or not _goes_on(waiting, verdict):
        return verdict.at, 1
    return waiting.at, course.waiting_looks + 1


def _goes_on(waiting: Verdict, verdict: Verdict) -> bool:
    if waiting.health is verdict.health:
        return True
    # Faults that take turns are still trouble: without this, alternating ones would never be told.
    return Health.ONLINE not in (waiting.health, verdict.health)


def _is_confirmed(verdict: Verdict, limits: Limits, *, first: datetime, looks: int) -> bool:
    match verdict.health:
        case Health.OFFLINE:
            waited_s = (verdict.at - first).total_seconds()
            return looks >= limits.confirm_offline_looks and waited_s >= limits.confirm_offline_s
        case Health.DEGRADED:
            return looks >= limits.confirm_degraded_looks
        case Health.ONLINE:
            return looks >= limits.confirm_online_looks
        case Health.UNKNOWN:
            return True


def _turned(known: Interval | None, verdict: Verdict, since: datetime) -> tuple[Interval, Changes]:
    opened = Interval(since=since, until=None, health=verdict.health, fault=verdict.fault, layer=verdict.layer)
    if known is None:
        return opened, (opened,)
    return opened, (replace(known, until=since), opened)
