"""Verdicts become stretches of health, and stretches become rates. Pure.

Silence is not health: a stretch of known health ends when its last word expires, and what follows is UNKNOWN. A change
is confirmed before it is told, by count and by time, and then begins where it was first seen. A camera that comes and
goes is unstable: it is told so once, and of its turns only those that last. Stretches never overlap, have no gaps
between them and are never empty.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from data.types import Course, Health, Interval, Limits, Verdict

Changes = tuple[Interval, ...]

# A device that answers is in line even when its password is wrong or its picture bad.
IN_LINE = frozenset({Health.ONLINE, Health.DEGRADED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What confirms a change: so many looks in a row over so many seconds, both."""

    looks: int
    seconds: float


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
        return _calmed(replace(course, waiting=None, waiting_looks=0), verdict.at, limits), changes
    first, looks = _counted(course, verdict)
    if looks == 1:
        course = _turned(course, verdict, limits)
    course = _calmed(replace(course, waiting=replace(verdict, at=first), waiting_looks=looks), verdict.at, limits)
    if not _is_confirmed(course, verdict, limits):
        return course, changes
    opened, change = _opened(course.open, verdict, first)
    return replace(course, open=opened, waiting=None, waiting_looks=0), changes + change


def need(course: Course, wanted: Health, limits: Limits) -> Need:
    """Return what must be seen before a camera that stands so is told to be `wanted`.

    The oftener it cried wolf lately, the more looks and time it takes.
    """
    told = course.open.health if course.open else Health.UNKNOWN
    again = max(0.0, course.turns - 1.0)
    match wanted:
        case Health.OFFLINE:
            most_s = max(limits.confirm_offline_s, limits.unstable_offline_s)
            return Need(
                looks=limits.confirm_offline_looks + round(2 * again),
                seconds=_longer(course, min(most_s, limits.confirm_offline_s * (1.0 + again / 2)), most_s),
            )
        case Health.ONLINE | Health.DEGRADED if told is Health.OFFLINE or (wanted is Health.ONLINE and told in IN_LINE):
            return Need(
                looks=limits.confirm_online_looks,
                seconds=_longer(course, limits.confirm_online_s, limits.unstable_online_s),
            )
        case Health.DEGRADED:
            return Need(looks=limits.confirm_degraded_looks, seconds=limits.confirm_degraded_s)
        case _:
            # The first word after silence needs no second: it contradicts nobody.
            return Need(looks=1, seconds=0.0)


def forget_doubt(course: Course, *, since: datetime) -> Course:
    """Return the course without a change that was first seen at or after `since`, when nobody could see."""
    if course.waiting is None or course.waiting.at < since:
        return course
    return replace(course, waiting=None, waiting_looks=0)


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
    if waiting is None or not _goes_on(course, waiting, verdict):
        return verdict.at, 1
    return waiting.at, course.waiting_looks + 1


def _goes_on(course: Course, waiting: Verdict, verdict: Verdict) -> bool:
    if waiting.health is verdict.health:
        return True
    if course.open is not None and course.open.health is Health.OFFLINE:
        # Well or not quite, it answers again.
        return waiting.health in IN_LINE and verdict.health in IN_LINE
    # Faults that take turns are still trouble: without this, alternating ones would never be told.
    return Health.ONLINE not in (waiting.health, verdict.health)


def _turned(course: Course, verdict: Verdict, limits: Limits) -> Course:
    """Count one more departure from what was told; the first word and our own trouble are none."""
    if course.open is None or Health.UNKNOWN in (course.open.health, verdict.health):
        return course
    return replace(course, turns=_turns(course, verdict.at, limits) + 1.0, turned_at=verdict.at)


def _turns(course: Course, at: datetime, limits: Limits) -> float:
    if course.turned_at is None or course.turns == 0.0:
        return 0.0
    age_s = (at - course.turned_at).total_seconds()
    return float(course.turns * 0.5 ** (age_s / limits.turns_halve_s))


def _calmed(course: Course, at: datetime, limits: Limits) -> Course:
    """Return the course with the word "unstable" said or taken back."""
    left = _turns(course, at, limits)
    if course.unstable_since is None:
        return replace(course, unstable_since=at) if left >= limits.unstable_turns else course
    return replace(course, unstable_since=None) if left < limits.unstable_turns / 4 else course


def _longer(course: Course, seconds: float, when_unstable: float) -> float:
    return seconds if course.unstable_since is None else max(seconds, when_unstable)


def _is_confirmed(course: Course, verdict: Verdict, limits: Limits) -> bool:
    if course.waiting is None or verdict.health is Health.UNKNOWN:
        return True
    needed = need(course, verdict.health, limits)
    waited_s = (verdict.at - course.waiting.at).total_seconds()
    return course.waiting_looks >= needed.looks and waited_s >= needed.seconds


def _opened(known: Interval | None, verdict: Verdict, since: datetime) -> tuple[Interval, Changes]:
    opened = Interval(since=since, until=None, health=verdict.health, fault=verdict.fault, layer=verdict.layer)
    if known is None:
        return opened, (opened,)
    return opened, (replace(known, until=since), opened)
