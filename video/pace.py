"""How often and how cameras are looked at: what a look asks of its device, and whether it takes a picture. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from data import limits
from data.health import Due
from data.looks import Target, Want
from data.types import Fault, Layer, Limits
from video.pacing import Beat, Circuit, circuit
from video.probe import Timeouts
from video.questions import questions

# What several frames tell, and one cannot contradict.
STRETCH_FAULTS = (Fault.FROZEN, Fault.SHAKING)
PICTURE_LAYERS = (Layer.KEY_FRAME, Layer.PICTURE)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How often a worker looks and how it judges; seconds.

    `at_once` looks are worked on at a time, and `most_open` wait for slow devices; `at_most` are taken before their
    turn, which is as many as a worker that is killed lets wait for their next one.
    """

    probe_site: str = "main"
    every_s: float = 60.0
    picture_every_s: float = 300.0
    at_once: int = 64
    most_open: int = 4_000
    at_most: int = 1_000
    # More wait for a decoder only when somebody asked or a picture is in doubt: cheap looks come first.
    pictures_at_once: int = 32
    # For cameras without a class, and for each class that has its own.
    limits: Limits = field(default_factory=Limits)
    by_class: Mapping[int, Limits] = field(default_factory=dict)
    # Addresses that always answer, such as the gateway: when none does, the prober itself is cut off.
    references: tuple[str, ...] = ()
    timeouts: Timeouts = field(default_factory=Timeouts)

    @cached_property
    def patience(self) -> Timeouts:
        """The timeouts, with words that hold two and a half turns and one look."""
        return replace(self.timeouts, valid_for_s=2.5 * self.every_s + self.timeouts.total_s)

    @property
    def held_s(self) -> float:
        """How long a recorder is held for one look at a channel and the wait before it."""
        return 3 * self.timeouts.total_s

    def limits_of(self, monitor_class: int | None) -> Limits:
        """The limits of a class of cameras."""
        return self.by_class.get(monitor_class or limits.NO_CLASS, self.limits)

    @cached_property
    def beat(self) -> Beat:
        """How often cameras in doubt and dead ones are looked at."""
        return Beat(every_s=self.every_s)


def aimed(due: Due, pace: Pace, *, now: datetime, room: bool = True) -> Target:
    """Return what to look at, with a picture when it is time for one and there is `room` among the decoders.

    While a picture is the trouble, or may be, every look takes one: a cheap look would call the camera well.
    """
    want, want_picture = wanted(due, pace, now=now, room=room)
    if want == due.target.want and want_picture == due.target.want_picture:
        return due.target
    return replace(due.target, want=want, want_picture=want_picture)


def wanted(due: Due, pace: Pace, *, now: datetime, room: bool = True) -> tuple[frozenset[Want], bool]:
    """Return what a device is asked, and whether a picture is taken."""
    course = due.course
    in_doubt = any(word is not None and word.layer in PICTURE_LAYERS for word in (course.open, course.waiting))
    # What is dead gets one cheap look now and then; only once it answers is there a picture to take.
    dead = circuit(course, at=now, next_at=now, beat=pace.beat) is Circuit.HALF_OPEN
    room = room and not dead
    fresh = due.pictured_at is not None and now - due.pictured_at < timedelta(seconds=pace.picture_every_s)
    want = frozenset[Want]() if dead and not due.asked else _questions(due, now=now, room=room)
    # A picture that was the same as the one before needs the next one; a stream is measured after its picture.
    in_doubt = in_doubt or due.target.repeats > 0 or Want.STREAM in want
    return want, due.asked or in_doubt or (room and not fresh)


def _questions(due: Due, *, now: datetime, room: bool) -> frozenset[Want]:
    if due.asked:
        return frozenset(Want)
    if any(word is not None and word.fault in STRETCH_FAULTS for word in (due.course.open, due.course.waiting)):
        return questions(due.camera_id, last=due.checked_at, now=now) | {Want.STREAM}
    # A stretch keeps a decoder for seconds, so without room it waits for its next moment.
    return questions(due.camera_id, last=due.checked_at, now=now) - (frozenset() if room else {Want.STREAM})
