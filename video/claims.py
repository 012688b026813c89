"""A superior's claim about a camera beside what we know of that time. Pure.

A claim agrees when the camera was for any second as claimed; it is disputed when it was not, and the opposite is known
of at least half of the time. Otherwise there is no evidence, and silence is never taken for an answer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from data.types import Interval
from video.days import Kind, day_of

# A claim with a time of day is held to the minutes around it, one with a day only to the whole day.
AROUND = timedelta(minutes=10)
_WHEN = re.compile(
    r"\s*(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[ T]*(\d{1,2})[:：时](\d{1,2})分?(?:[:：]?(\d{1,2}))?秒?(?:\.\d+)?)?\s*"
)


class Claimed(StrEnum):
    """What a superior says of a camera."""

    OFFLINE = "offline"
    PICTURE = "picture"
    ONLINE = "online"


class Finding(StrEnum):
    """What our evidence says to a claim."""

    AGREES = "agrees"
    DISPUTED = "disputed"
    NO_EVIDENCE = "no_evidence"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of the time of a claim, in whole seconds: as claimed, against it, and neither."""

    finding: Finding
    as_claimed_s: int
    against_s: int
    unknown_s: int


# The first that is found in the words of a row decides; "not online" must not be read as online.
_WORDS = (
    (Claimed.OFFLINE, ("离线", "不在线", "掉线", "断线", "断网", "不通", "offline", "down")),
    (Claimed.PICTURE, ("图像", "画面", "黑屏", "模糊", "遮挡", "花屏", "视频丢失", "无视频", "无图", "不完好",
                       "picture", "blur", "black")),
    (Claimed.ONLINE, ("在线", "正常", "完好", "online", "ok")),
)  # fmt: skip
_AS_CLAIMED = {
    Claimed.OFFLINE: ({Kind.OFFLINE}, {Kind.GOOD, Kind.BAD, Kind.BLOCKED}),
    # Who sees nothing at all does not see a good picture either.
    Claimed.PICTURE: ({Kind.BAD, Kind.OFFLINE}, {Kind.GOOD}),
    Claimed.ONLINE: ({Kind.GOOD, Kind.BAD, Kind.BLOCKED}, {Kind.OFFLINE}),
}


def read_claim(written: str) -> Claimed | None:
    """Return what the words of a row claim; None when they cannot be understood."""
    words = written.strip().casefold()
    return next((claimed for claimed, known in _WORDS if any(one in words for one in known)), None)


def read_when(written: str, zone: tzinfo) -> tuple[datetime, datetime] | None:
    """Return the time a claim is about: the day written, or the minutes around the time written; None if unreadable."""
    found = _WHEN.fullmatch(written)
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
    # Spreadsheets write a day as its midnight.
    if found[4] is None or (hour, minute, second) == (0, 0, 0):
        midnight = at.replace(hour=0, minute=0, second=0)
        return midnight, midnight + timedelta(days=1)
    return at - AROUND, at + AROUND


def compare(
    claimed: Claimed, stretches: Sequence[Interval], *, since: datetime, until: datetime, valid_until: datetime | None
) -> Evidence:
    """Return what the stretches of a camera say to a claim about [since, until)."""
    day = day_of(stretches, since=since, until=until, valid_until=valid_until)
    seconds = {
        Kind.GOOD: day.good_s, Kind.BAD: day.bad_s, Kind.BLOCKED: day.blocked_s, Kind.OFFLINE: day.offline_s,
        Kind.UNKNOWN: day.unchecked_s,
    }  # fmt: skip
    as_claimed_s, against_s = (sum(seconds[kind] for kind in kinds) for kinds in _AS_CLAIMED[claimed])
    unknown_s = sum(seconds.values()) - as_claimed_s - against_s
    return Evidence(
        finding=_finding(as_claimed_s, against_s, unknown_s),
        as_claimed_s=as_claimed_s,
        against_s=against_s,
        unknown_s=unknown_s,
    )


def _finding(as_claimed_s: int, against_s: int, unknown_s: int) -> Finding:
    if as_claimed_s:
        return Finding.AGREES
    return Finding.DISPUTED if against_s and against_s >= unknown_s else Finding.NO_EVIDENCE
