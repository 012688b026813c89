import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from data.types import Course, Fault, Health, Interval, Limits, Verdict
from video.intervals import advance, expire, forget_doubt, need, online_rate

START = datetime(2026, 1, 1, tzinfo=UTC)
LIMITS = Limits(confirm_offline_looks=2, confirm_offline_s=30, confirm_degraded_looks=2)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def verdict(seconds: float, health: Health, *, valid_s: float = 180, fault: Fault | None = None) -> Verdict:
    return Verdict(at=at(seconds), valid_until=at(seconds + valid_s), health=health, fault=fault)


def told(verdicts: Sequence[Verdict], limits: Limits = LIMITS) -> tuple[Course, list[Interval]]:
    """Return the last course and the rows a database would hold, keyed by their beginning."""
    course, rows = Course(), {}
    for one in verdicts:
        course, changes = advance(course, one, limits)
        rows.update({change.since: change for change in changes})
    return course, [rows[since] for since in sorted(rows)]


def test_one_bad_look_changes_nothing() -> None:
    course, rows = told([verdict(0, Health.ONLINE), verdict(60, Health.OFFLINE), verdict(120, Health.ONLINE)])
    assert [row.health for row in rows] == [Health.ONLINE]
    assert course.waiting is None


def test_offline_needs_its_looks_and_its_time_and_begins_at_the_first_bad_look() -> None:
    early = [verdict(0, Health.ONLINE), verdict(60, Health.OFFLINE), verdict(70, Health.OFFLINE)]
    assert len(told(early)[1]) == 1
    _, rows = told([*early, verdict(90, Health.OFFLINE)])
    assert [(row.health, row.since, row.until) for row in rows] == [
        (Health.ONLINE, at(0), at(60)),
        (Health.OFFLINE, at(60), None),
    ]


def test_what_was_offline_is_well_again_once_it_stayed_so_from_its_first_good_look() -> None:
    lost = [verdict(0, Health.ONLINE), verdict(60, Health.OFFLINE), verdict(90, Health.OFFLINE)]
    back = [verdict(120, Health.ONLINE), verdict(130, Health.ONLINE)]
    assert told([*lost, *back])[1][-1].health is Health.OFFLINE
    relapsed, _ = told([*lost, *back, verdict(135, Health.OFFLINE)])
    assert relapsed.waiting is None
    _, rows = told([*lost, *back, verdict(140, Health.ONLINE)])
    assert (rows[-1].health, rows[-1].since) == (Health.ONLINE, at(120))


def test_a_device_that_answers_well_and_not_so_well_by_turns_is_no_longer_offline() -> None:
    lost = [verdict(0, Health.OFFLINE), verdict(30, Health.OFFLINE)]
    turns = [verdict(60 + 10 * n, Health.DEGRADED if n % 2 else Health.ONLINE) for n in range(5)]
    assert told([*lost, *turns])[1][-1].health is not Health.OFFLINE


def test_the_first_good_word_after_silence_needs_no_second() -> None:
    assert [row.health for row in told([verdict(0, Health.ONLINE)])[1]] == [Health.ONLINE]
    _, rows = told([verdict(0, Health.ONLINE), verdict(1000, Health.ONLINE)])
    assert rows[-1].health is Health.ONLINE


def flapping(turns: int) -> list[Verdict]:
    """Return looks at a camera that is down at every second one, 40 s apart."""
    return [verdict(40 * n, Health.OFFLINE if n % 2 else Health.ONLINE) for n in range(2 * turns + 1)]


def test_what_flaps_is_unstable_once_and_no_storm_of_stretches() -> None:
    course, rows = told(flapping(20))
    assert [row.health for row in rows] == [Health.ONLINE]
    assert course.unstable_since is not None
    assert course.unstable_since < at(40 * 20)
    assert told(flapping(2))[0].unstable_since is None


def test_an_unstable_camera_is_stable_again_when_it_has_been_quiet_for_long() -> None:
    quiet = [verdict(800 + 60 * n, Health.ONLINE) for n in range(1, 120)]
    flags = [told([*flapping(10), *quiet[:n]])[0].unstable_since is not None for n in (1, 10, 119)]
    assert flags == [True, True, False]


def test_an_unstable_camera_that_is_lost_for_good_is_told_all_the_same() -> None:
    lost = [verdict(800 + 20 * n, Health.OFFLINE) for n in range(1, 30)]
    _, rows = told([*flapping(10), *lost])
    assert (rows[-1].health, rows[-1].since) == (Health.OFFLINE, at(820))


def test_the_oftener_it_cried_wolf_the_more_it_takes() -> None:
    calm, restless = told(flapping(0))[0], told(flapping(3))[0]
    less, more = need(calm, Health.OFFLINE, LIMITS), need(restless, Health.OFFLINE, LIMITS)
    assert (less.looks, less.seconds) == (2, 30)
    assert more.looks > less.looks
    assert more.seconds > less.seconds


def test_a_doubt_that_arose_when_nobody_could_see_is_forgotten() -> None:
    course, _ = told([verdict(0, Health.ONLINE), verdict(60, Health.OFFLINE)])
    assert forget_doubt(course, since=at(50)).waiting is None
    assert forget_doubt(course, since=at(61)) == course


def test_faults_that_take_turns_are_told_all_the_same() -> None:
    turns = [verdict(60 * n, Health.DEGRADED if n % 2 else Health.OFFLINE) for n in range(1, 5)]
    _, rows = told([verdict(0, Health.ONLINE), *turns])
    assert rows[-1].health is not Health.ONLINE


def test_silence_becomes_unknown_where_the_last_word_expired() -> None:
    course, rows = told([verdict(0, Health.ONLINE), verdict(1000, Health.ONLINE)])
    assert [(row.health, row.since, row.until) for row in rows] == [
        (Health.ONLINE, at(0), at(180)),
        (Health.UNKNOWN, at(180), at(1000)),
        (Health.ONLINE, at(1000), None),
    ]
    silent, changes = expire(course, at(1180))
    assert silent.open
    assert (silent.open.health, silent.open.since) == (Health.UNKNOWN, at(1180))
    assert [change.until for change in changes] == [at(1180), None]
    assert expire(silent, at(5000)) == (silent, ())


def test_a_camera_that_is_seen_too_rarely_to_be_confirmed_is_unknown() -> None:
    _, rows = told([verdict(1000 * n, Health.OFFLINE if n else Health.ONLINE) for n in range(4)])
    assert [row.health for row in rows] == [Health.ONLINE, Health.UNKNOWN]


def test_a_late_verdict_changes_nothing() -> None:
    course, _ = told([verdict(100, Health.ONLINE)])
    assert advance(course, verdict(50, Health.OFFLINE), LIMITS) == (course, ())


def test_a_rate_is_clipped_to_now_and_to_the_last_word() -> None:
    rows = [
        Interval(since=at(0), until=at(100), health=Health.OFFLINE),
        Interval(since=at(100), until=at(200), health=Health.UNKNOWN),
        Interval(since=at(200), until=None, health=Health.ONLINE),
    ]
    rate = online_rate(rows, since=at(0), until=at(9999), now=at(1000), valid_until=at(500))
    assert (rate.numerator_s, rate.denominator_s, rate.unchecked_s) == (300, 400, 600)
    assert rate.share == 0.75
    assert online_rate([], since=at(0), until=at(10), now=at(10), valid_until=None).share is None


LOOKS = st.lists(
    st.tuples(
        st.integers(0, 3000),
        st.sampled_from(list(Health)),
        st.integers(1, 400),
        st.sampled_from([None, Fault.TIMEOUT, Fault.REFUSED]),
    ),
    max_size=40,
)
SOME_LIMITS = st.builds(
    Limits,
    confirm_offline_looks=st.integers(1, 3),
    confirm_offline_s=st.sampled_from([0.0, 30.0, 300.0]),
    confirm_degraded_looks=st.integers(1, 3),
    confirm_degraded_s=st.sampled_from([0.0, 60.0]),
    confirm_online_looks=st.integers(1, 3),
    confirm_online_s=st.sampled_from([0.0, 20.0]),
    unstable_turns=st.sampled_from([1.0, 4.0]),
)


@given(LOOKS, st.booleans(), SOME_LIMITS)
def test_stretches_are_never_empty_never_overlap_and_leave_no_gap(
    looks: list[tuple[int, Health, int, Fault | None]], in_order: bool, limits: Limits
) -> None:
    if in_order:
        looks = sorted(looks, key=lambda one: one[0])
    _, rows = told([verdict(t, health, valid_s=valid, fault=fault) for t, health, valid, fault in looks], limits)
    for row, following in itertools.pairwise(rows):
        assert row.until == following.since > row.since
        assert replace(row, since=START, until=None) != replace(following, since=START, until=None)
    assert all(row.until is None for row in rows[-1:])


@given(LOOKS, SOME_LIMITS, st.integers(0, 5000))
def test_silence_is_never_online(
    looks: list[tuple[int, Health, int, Fault | None]], limits: Limits, later: int
) -> None:
    verdicts = [
        verdict(t, health, valid_s=valid, fault=fault) for t, health, valid, fault in sorted(looks, key=lambda x: x[0])
    ]
    course, rows = told(verdicts, limits)
    spoken = [(one.at, one.valid_until) for one in verdicts]
    silent, changes = expire(course, at(later))
    rows = list({row.since: row for row in [*rows, *changes]}.values())
    for row in rows:
        if row.health is Health.ONLINE and row.until:
            # Somebody had said something that still counted at the end of every online stretch.
            assert any(begin <= row.until <= end for begin, end in spoken)
    if silent.open and silent.open.health is not Health.UNKNOWN:
        assert silent.valid_until
        assert at(later) < silent.valid_until


@given(LOOKS, SOME_LIMITS)
def test_a_rate_never_exceeds_its_window(looks: list[tuple[int, Health, int, Fault | None]], limits: Limits) -> None:
    course, rows = told([verdict(t, h, valid_s=v, fault=f) for t, h, v, f in sorted(looks, key=lambda x: x[0])], limits)
    rate = online_rate(rows, since=at(100), until=at(2000), now=at(1500), valid_until=course.valid_until)
    assert 0 <= rate.numerator_s <= rate.denominator_s <= 1400
    assert rate.denominator_s + rate.unchecked_s == 1400
