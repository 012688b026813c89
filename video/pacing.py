"""When to look again: soon while in doubt, at the usual beat while all is well, ever more seldom at what is dead. Pure.

A dead device has its circuit open: it is left alone between single cheap looks (half open), which never cease. The
first one that is answered closes the circuit, and the looks that follow confirm that it stays.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from data.types import Course, Fault, Health, Limits, Verdict
from video.intervals import need


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """How often a camera is looked at, in seconds; a dead one at a tenth of its age, but at least every `dead_every_s`.

    Doubt is looked into every few seconds, never sooner than `doubt_every_s`.
    """

    every_s: float = 60.0
    doubt_every_s: float = 5.0
    dead_after_s: float = 600.0
    dead_every_s: float = 600.0


class Circuit(StrEnum):
    """CLOSED: looked at as usual. OPEN: dead, left alone. HALF_OPEN: dead, and its one cheap look is due."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


def next_look_at(course: Course, *, seen_at: datetime, limits: Limits, beat: Beat, spread: float = 0.5) -> datetime:
    """Return when to look again at a camera that stands so after a look at `seen_at`.

    Looks into a doubt are spread so that its count and its time are met together. `spread` from 0 to 1 is any number
    of the camera's own; it moves the usual beat by up to a tenth either way, so that looks that began together part.
    """
    # A device without a session left is not asked for more of them.
    if course.waiting is not None and course.waiting.fault is not Fault.TOO_MANY_SESSIONS:
        return seen_at + timedelta(seconds=_doubt_s(course, course.waiting, seen_at, limits=limits, beat=beat))
    jitter = 0.9 + 0.2 * spread
    return seen_at + timedelta(seconds=jitter * _usual_s(course, seen_at, beat))


def holds_until(course: Course, *, next_at: datetime, beat: Beat) -> datetime:
    """Return until when the word on this camera holds when the next look is at `next_at`; never earlier than before.

    That a dead device is dead outlives the longer pause before its next look; anything else expires as it was seen.
    """
    spoken = course.valid_until or next_at
    if _dead_s(course, next_at) is None:
        return spoken
    return max(spoken, next_at + timedelta(seconds=1.5 * beat.every_s))


def circuit(course: Course, *, at: datetime, next_at: datetime, beat: Beat) -> Circuit:
    """Return how the circuit of a camera stands at a moment, when its next look is booked for `next_at`."""
    dead_s = _dead_s(course, at)
    if dead_s is None or dead_s < beat.dead_after_s or course.waiting is not None:
        return Circuit.CLOSED
    return Circuit.HALF_OPEN if at >= next_at else Circuit.OPEN


def _doubt_s(course: Course, waiting: Verdict, seen_at: datetime, *, limits: Limits, beat: Beat) -> float:
    needed = need(course, waiting.health, limits)
    looks_left = max(1, needed.looks - course.waiting_looks)
    left_s = needed.seconds - (seen_at - waiting.at).total_seconds()
    # More than a beat apart would be slower than not doubting at all.
    return min(beat.every_s, max(beat.doubt_every_s, left_s / looks_left))


def _usual_s(course: Course, seen_at: datetime, beat: Beat) -> float:
    dead_s = _dead_s(course, seen_at)
    if dead_s is None or dead_s < beat.dead_after_s:
        return beat.every_s
    return max(beat.every_s, min(beat.dead_every_s, dead_s / 10))


def _dead_s(course: Course, at: datetime) -> float | None:
    """Return how long a camera has been offline, None when it is not."""
    if course.open is None or course.open.health is not Health.OFFLINE:
        return None
    return (at - course.open.since).total_seconds()
