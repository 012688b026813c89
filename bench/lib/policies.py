"""Ways to decide that a device is offline: ours and those in use elsewhere, each told the same answers."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bench.lib.traces import Trace
from data.types import Course, Health, Limits, Verdict
from video.intervals import advance
from video.pacing import Beat, holds_until, next_look_at

# What a policy says and when; True means offline.
Telling = tuple[float, bool]
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
WORD_HOLDS_TURNS = 2.5
LOOK_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a policy told of one camera, how many looks it took, and how often it called it unstable instead."""

    tellings: tuple[Telling, ...]
    looks: int
    unstable: int = 0


Policy = Callable[[Trace], Story]


def heartbeats(every_s: float, silent_s: float) -> Policy:
    """Offline once nothing was heard for `silent_s`, online with the next sign of life."""

    def run(trace: Trace) -> Story:
        tellings: list[Telling] = []
        heard, offline, looks = 0.0, False, 0
        for at, answered in _answers(trace, every_s):
            looks += 1
            if not offline and at - heard > silent_s:
                offline = True
                tellings.append((heard + silent_s, True))
            if answered:
                if offline:
                    tellings.append((at, False))
                heard, offline = at, False
        return Story(tellings=tuple(tellings), looks=looks)

    return run


def sustained(every_s: float, for_s: float) -> Policy:
    """Offline once every look over `for_s` failed, online with the first that does not."""
    return _failing(every_s, lambda failed_s, _: failed_s >= for_s)


def in_a_row(every_s: float, times: int) -> Policy:
    """Offline at the failure number `times` in a row, online with the next answer."""
    return _failing(every_s, lambda _, failures: failures >= times)


def ours(beat: Beat, limits: Limits) -> Policy:
    """Look and tell as the product does: its state machine, its pacing."""

    def run(trace: Trace) -> Story:
        dice = random.Random(trace.seed)
        course, at, looks, unstable = Course(), dice.uniform(0, beat.every_s), 0, 0
        tellings: list[Telling] = []
        while at < trace.seconds:
            before, moment = course, EPOCH + timedelta(seconds=at)
            course, _ = advance(course, _verdict(trace.answers(at), moment, beat), limits)
            again = next_look_at(course, seen_at=moment, limits=limits, beat=beat, spread=dice.random())
            course = replace(course, valid_until=holds_until(course, next_at=again, beat=beat))
            looks += 1
            unstable += before.unstable_since is None and course.unstable_since is not None
            if _is_offline(before) != _is_offline(course):
                tellings.append((at, _is_offline(course)))
            at = (again - EPOCH).total_seconds()
        return Story(tellings=tuple(tellings), looks=looks, unstable=unstable)

    return run


def _answers(trace: Trace, every_s: float) -> Iterator[tuple[float, bool]]:
    """Yield what looks at a steady beat are answered; the first comes at any moment of the beat."""
    at = random.Random(trace.seed).uniform(0, every_s)
    while at < trace.seconds:
        yield at, trace.answers(at)
        at += every_s


def _failing(every_s: float, is_enough: Callable[[float, int], bool]) -> Policy:
    def run(trace: Trace) -> Story:
        tellings: list[Telling] = []
        first, failures, offline, looks = 0.0, 0, False, 0
        for at, answered in _answers(trace, every_s):
            looks += 1
            first, failures = (first if failures else at, 0 if answered else failures + 1)
            if answered and offline:
                tellings.append((at, False))
                offline = False
            elif not answered and not offline and is_enough(at - first, failures):
                tellings.append((at, True))
                offline = True
        return Story(tellings=tuple(tellings), looks=looks)

    return run


def _verdict(answered: bool, at: datetime, beat: Beat) -> Verdict:
    until = at + timedelta(seconds=WORD_HOLDS_TURNS * beat.every_s + LOOK_S)
    return Verdict(at=at, valid_until=until, health=Health.ONLINE if answered else Health.OFFLINE)


def _is_offline(course: Course) -> bool:
    return course.open is not None and course.open.health is Health.OFFLINE
