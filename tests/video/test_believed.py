"""What a worker makes of a look: by the limits of the camera's class, and not at all while it is cut off itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from data.health import Due
from data.looks import Observation, Target
from data.types import Course, Fault, Health, Interval, Layer, Limits, Verdict
from video.pace import Pace, aimed
from video.rounds import believed
from video.uplink import Uplink

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
PACE = Pace(limits=Limits(confirm_offline_looks=2), by_class={1: Limits(confirm_offline_looks=1, confirm_offline_s=0)})
KNOWN = Course(
    open=Interval(since=NOW - timedelta(hours=1), until=None, health=Health.ONLINE),
    valid_until=NOW + timedelta(minutes=2),
)


def due(course: Course = KNOWN, *, monitor_class: int | None = None) -> Due:
    return Due(
        camera_id=1, area_id=1, path="1.2", target=Target(camera_id=1), course=course, monitor_class=monitor_class
    )


def failed() -> Observation:
    return Observation(at=NOW, valid_until=NOW + timedelta(minutes=3), fault=Fault.TIMEOUT, layer=Layer.TCP)


def blind() -> Uplink:
    return Uplink(since=NOW - timedelta(minutes=1), blind=(NOW - timedelta(minutes=2), NOW))


def test_each_class_is_confirmed_by_its_own_limits() -> None:
    outcomes = [believed(due(monitor_class=number), failed(), PACE, uplink=Uplink()) for number in (None, 1, 2)]
    assert [o.course.open.health for o in outcomes if o.course.open] == [Health.ONLINE, Health.OFFLINE, Health.ONLINE]


def test_a_prober_that_is_cut_off_judges_nothing_and_what_it_knew_expires() -> None:
    outcome = believed(due(), failed(), PACE, uplink=blind())
    assert not outcome.judged
    assert outcome.course == KNOWN
    assert outcome.changes == ()


def test_a_doubt_of_the_time_without_sight_does_not_count_afterwards() -> None:
    word = Verdict(at=NOW - timedelta(minutes=1), valid_until=NOW, health=Health.OFFLINE)
    doubted = due(replace(KNOWN, waiting=word, waiting_looks=1))
    assert believed(doubted, failed(), PACE, uplink=Uplink()).course.open != KNOWN.open
    outcome = believed(doubted, failed(), PACE, uplink=Uplink(blind=blind().blind))
    assert outcome.course.open == KNOWN.open
    assert outcome.course.waiting_looks == 1
    assert outcome.due == doubted


def test_what_has_long_been_dead_gets_a_cheap_look() -> None:
    dead = Course(open=Interval(since=NOW - timedelta(hours=1), until=None, health=Health.OFFLINE), valid_until=NOW)
    target = aimed(due(dead), PACE, now=NOW)
    assert (target.want_picture, target.want) == (False, frozenset())
    assert aimed(replace(due(dead), asked=True), PACE, now=NOW).want_picture
