"""Stretches of health become days: what a camera came to over some time, in whole seconds. Pure.

Every bound is cut down to its second, so stretches stay without gaps, days add up to months exactly, and anybody can
add them up by hand.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from data.types import Fault, Health, Interval, Layer

Span = tuple[datetime, datetime]
_SECOND = timedelta(seconds=1)
# A camera at odds only over its clock, its ONVIF side or its record shows a good picture.
_SHOWN_ALL_THE_SAME = frozenset({Layer.CLOCK, Layer.ONVIF})
_NO_GOOD_PICTURE = frozenset({Layer.PICTURE, Layer.KEY_FRAME})


class Kind(StrEnum):
    """What a moment of a camera counts as. BLOCKED is in line, but nobody could look at the picture."""

    GOOD = "good"
    BAD = "bad"
    BLOCKED = "blocked"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What a camera came to over a stretch of time, in whole seconds; a row of the daily roll-up.

    Due is the time in use and not in maintenance. A repair brings the whole time since its failure, `repair_s`.
    """

    good_s: int = 0
    bad_s: int = 0
    blocked_s: int = 0
    offline_s: int = 0
    unchecked_s: int = 0
    maintenance_s: int = 0
    out_s: int = 0
    failures: int = 0
    repairs: int = 0
    repair_s: int = 0

    @property
    def known_s(self) -> int:
        """Seconds in which something was known of it."""
        return self.good_s + self.bad_s + self.blocked_s + self.offline_s

    @property
    def was_online(self) -> bool:
        """Whether it was in line for at least half of the time known; never when nothing is known."""
        return self.known_s > 0 and 2 * self.offline_s <= self.known_s


def kind_of(health: Health, layer: Layer | None, fault: Fault | None = None) -> Kind:
    """Return what a moment of this verdict counts as."""
    match health:
        case Health.ONLINE:
            return Kind.GOOD
        case Health.OFFLINE:
            return Kind.OFFLINE
        case Health.UNKNOWN:
            return Kind.UNKNOWN
        case Health.DEGRADED if layer in _SHOWN_ALL_THE_SAME or fault is Fault.NOT_AS_RECORDED:
            return Kind.GOOD
        case Health.DEGRADED:
            return Kind.BAD if layer in _NO_GOOD_PICTURE else Kind.BLOCKED


def day_of(
    stretches: Sequence[Interval],
    *,
    since: datetime,
    until: datetime,
    valid_until: datetime | None,
    out: Sequence[Span] = (),
    maintained: Sequence[Span] = (),
) -> Day:
    """Return what the stretches of a camera come to within [since, until).

    `stretches` are all it ever had, in order; an open one counts to `valid_until` at most, and no later than `until`.
    `out` are the times it was not in use, `maintained` those of maintenance; they may overlap, and out wins. This is
    the definition; the roll-up in the database says the same in SQL and is held to it by a test.
    """
    since, until = _floor(since), _floor(until)
    gone = _merged(out, since, until)
    left_out = _merged([*gone, *maintained], since, until)
    told: dict[str, int] = {}
    for one in stretches:
        began, ended = max(_floor(one.since), since), min(_floor(one.until or valid_until or until), until)
        kind = kind_of(one.health, one.layer, one.fault)
        told[f"{kind}_s"] = told.get(f"{kind}_s", 0) + _length(began, ended) - _overlap(left_out, began, ended)
    told.pop("unknown_s", None)
    out_s, left_s = _overlap(gone, since, until), _overlap(left_out, since, until)
    unchecked_s = _length(since, until) - left_s - sum(told.values())
    turns = [turn for turn in _turns(stretches) if _is_due(turn, since, until, left_out)]
    return Day(
        **told,
        unchecked_s=unchecked_s,
        maintenance_s=left_s - out_s,
        out_s=out_s,
        failures=sum(failed_at is None for _, failed_at in turns),
        repairs=sum(failed_at is not None for _, failed_at in turns),
        repair_s=sum(_length(failed_at, at) for at, failed_at in turns if failed_at is not None),
    )


def _turns(stretches: Sequence[Interval]) -> list[tuple[datetime, datetime | None]]:
    """Return when the camera failed (with None) and when it was back (with when it had failed).

    Silence in between neither ends a failure nor begins one.
    """
    turns: list[tuple[datetime, datetime | None]] = []
    failed_at: datetime | None = None
    for one in stretches:
        if one.health is Health.UNKNOWN:
            continue
        at, is_down = _floor(one.since), one.health is Health.OFFLINE
        if is_down and failed_at is None:
            turns.append((at, None))
            failed_at = at
        elif not is_down and failed_at is not None:
            turns.append((at, failed_at))
            failed_at = None
    return turns


def _is_due(turn: tuple[datetime, datetime | None], since: datetime, until: datetime, left_out: Sequence[Span]) -> bool:
    at = turn[0]
    return since <= at < until and not any(began <= at < ended for began, ended in left_out)


def _merged(spans: Iterable[Span], since: datetime, until: datetime) -> list[Span]:
    """Return the same time within [since, until) without overlaps, in order."""
    merged: list[Span] = []
    for began, ended in sorted((max(_floor(a), since), min(_floor(b), until)) for a, b in spans):
        if began >= ended:
            continue
        if merged and began <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ended))
        else:
            merged.append((began, ended))
    return merged


def _overlap(spans: Iterable[Span], since: datetime, until: datetime) -> int:
    return sum(_length(max(began, since), min(ended, until)) for began, ended in spans)


def _length(since: datetime, until: datetime) -> int:
    return max(0, (until - since) // _SECOND)


def _floor(at: datetime) -> datetime:
    return at.replace(microsecond=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A day of the installation's time zone, and the moments it begins and ends at."""

    day: date
    since: datetime
    until: datetime


def month_turn(month: date, zone: tzinfo) -> Turn:
    """Return the month of a day as one stretch; `day` is its first."""
    first = month.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return Turn(day=first, since=_midnight(first, zone), until=_midnight(following, zone))


def day_turns(since: date, now: datetime, zone: tzinfo) -> Iterator[Turn]:
    """Yield the days from `since` until `now`, the last one cut short at the second of `now`."""
    day, now = since, _floor(now)
    while _midnight(day, zone) < now:
        following = day + timedelta(days=1)
        yield Turn(day=day, since=_midnight(day, zone), until=min(_midnight(following, zone), now))
        day = following


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)
