from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.types import Course, Fault, Health, Interval, Limits, Verdict
from video.intervals import advance
from video.pacing import Beat, Circuit, circuit, holds_until, next_look_at

START = datetime(2026, 1, 1, tzinfo=UTC)
LIMITS = Limits(confirm_offline_looks=3, confirm_offline_s=30)
BEAT = Beat(every_s=60, doubt_every_s=5, dead_after_s=600, dead_every_s=600)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def verdict(seconds: float, health: Health) -> Verdict:
    return Verdict(at=at(seconds), valid_until=at(seconds + 180), health=health)


def stands(health: Health, *, waiting: Verdict | None = None, looks: int = 0) -> Course:
    stretch = Interval(since=START, until=None, health=health)
    return Course(open=stretch, valid_until=at(180), waiting=waiting, waiting_looks=looks)


def pause_s(course: Course, seconds: float, *, spread: float = 0.5) -> float:
    return (next_look_at(course, seen_at=at(seconds), limits=LIMITS, beat=BEAT, spread=spread) - at(seconds)).seconds


def test_what_is_well_is_looked_at_once_a_beat_each_at_its_own_time() -> None:
    assert pause_s(stands(Health.ONLINE), 1000) == 60
    assert (pause_s(stands(Health.ONLINE), 0, spread=0), pause_s(stands(Health.ONLINE), 0, spread=1)) == (54, 66)


def test_a_device_without_a_session_left_is_not_pressed_for_one() -> None:
    full = replace(verdict(60, Health.DEGRADED), fault=Fault.TOO_MANY_SESSIONS)
    assert pause_s(stands(Health.ONLINE, waiting=full, looks=1), 60) == 60


def test_looks_into_a_doubt_meet_its_count_and_its_time_together() -> None:
    course, moment, looks = stands(Health.ONLINE), 60.0, []
    while course.open and course.open.health is Health.ONLINE:
        course, _ = advance(course, verdict(moment, Health.OFFLINE), LIMITS)
        looks.append(moment)
        moment = (next_look_at(course, seen_at=at(moment), limits=LIMITS, beat=BEAT) - START).total_seconds()
    assert looks == [60, 75, 90]


def test_a_doubt_is_never_looked_into_faster_than_its_limit() -> None:
    waiting = stands(Health.ONLINE, waiting=verdict(0, Health.OFFLINE), looks=1)
    hasty = replace(LIMITS, confirm_offline_looks=30)
    assert (next_look_at(waiting, seen_at=at(0), limits=hasty, beat=BEAT) - at(0)).seconds == 5


@pytest.mark.parametrize(("dead_s", "pause"), [(0, 60), (599, 60), (900, 90), (3000, 300), (10**6, 600)])
def test_what_is_dead_is_looked_at_ever_more_seldom_but_always(dead_s: float, pause: float) -> None:
    assert pause_s(stands(Health.OFFLINE), dead_s) == pause


def test_the_first_answer_of_a_dead_device_is_looked_into_at_once() -> None:
    answered, _ = advance(replace(stands(Health.OFFLINE), valid_until=at(9000)), verdict(5000, Health.ONLINE), LIMITS)
    assert pause_s(answered, 5000) <= 20
    assert circuit(answered, at=at(5000), next_at=at(5000), beat=BEAT) is Circuit.CLOSED


def test_the_word_on_a_dead_device_outlives_the_pause_before_its_next_look() -> None:
    course = stands(Health.OFFLINE)
    later = next_look_at(course, seen_at=at(9000), limits=LIMITS, beat=BEAT)
    assert holds_until(course, next_at=later, beat=BEAT) > later
    assert holds_until(stands(Health.ONLINE), next_at=later, beat=BEAT) == at(180)


@pytest.mark.parametrize(
    ("course", "seconds", "stands_so"),
    [
        (stands(Health.ONLINE), 5000, Circuit.CLOSED),
        (stands(Health.OFFLINE), 300, Circuit.CLOSED),
        (stands(Health.OFFLINE), 5000, Circuit.OPEN),
        (stands(Health.OFFLINE), 5600, Circuit.HALF_OPEN),
    ],
)
def test_the_circuit_opens_on_the_dead_and_is_half_open_for_one_look(
    course: Course, seconds: float, stands_so: Circuit
) -> None:
    assert circuit(course, at=at(seconds), next_at=at(5500), beat=BEAT) is stands_so


@given(st.lists(st.sampled_from([Health.ONLINE, Health.DEGRADED, Health.OFFLINE]), max_size=60), st.floats(0, 1))
def test_whatever_is_seen_there_is_a_next_look_within_the_longest_pause(healths: list[Health], spread: float) -> None:
    course, moment = Course(), START
    for health in healths:
        word = Verdict(at=moment, valid_until=moment + timedelta(seconds=180), health=health)
        course, _ = advance(course, word, LIMITS)
        later = next_look_at(course, seen_at=moment, limits=LIMITS, beat=BEAT, spread=spread)
        assert BEAT.doubt_every_s <= (later - moment).total_seconds() <= 1.1 * BEAT.dead_every_s
        course = replace(course, valid_until=holds_until(course, next_at=later, beat=BEAT))
        moment = later
