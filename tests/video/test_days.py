"""Stretches become days: against a count second by second, and laws that hold for all of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.types import Fault, Health, Interval, Layer
from video.days import Day, Kind, Span, day_of, kind_of
from video.intervals import online_rate

START = datetime(2026, 6, 1, tzinfo=UTC)
LENGTH_S = 40


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


VERDICTS = [
    (Health.ONLINE, None, None),
    (Health.OFFLINE, Layer.TCP, Fault.TIMEOUT),
    (Health.OFFLINE, Layer.ROUTE, Fault.NO_ROUTE),
    (Health.UNKNOWN, None, None),
    (Health.DEGRADED, Layer.PICTURE, Fault.BLACK),
    (Health.DEGRADED, Layer.AUTH, Fault.AUTH_REFUSED),
    (Health.DEGRADED, Layer.CLOCK, Fault.CLOCK_WRONG),
]


@pytest.mark.parametrize(
    ("health", "layer", "fault", "kind"),
    [
        (Health.ONLINE, None, None, Kind.GOOD),
        (Health.DEGRADED, Layer.CLOCK, Fault.CLOCK_WRONG, Kind.GOOD),
        (Health.DEGRADED, Layer.ONVIF, Fault.ONVIF_BAD_REPLY, Kind.GOOD),
        (Health.DEGRADED, Layer.DESCRIBE, Fault.NOT_AS_RECORDED, Kind.GOOD),
        (Health.DEGRADED, Layer.PICTURE, Fault.COVERED, Kind.BAD),
        (Health.DEGRADED, Layer.KEY_FRAME, Fault.DECODER_DIED, Kind.BAD),
        (Health.DEGRADED, Layer.AUTH, Fault.AUTH_REFUSED, Kind.BLOCKED),
        (Health.DEGRADED, Layer.DESCRIBE, Fault.TOO_MANY_SESSIONS, Kind.BLOCKED),
        (Health.OFFLINE, Layer.TCP, Fault.TIMEOUT, Kind.OFFLINE),
        (Health.UNKNOWN, None, None, Kind.UNKNOWN),
    ],
)
def test_a_moment_counts_as_what_could_be_seen(
    health: Health, layer: Layer | None, fault: Fault | None, kind: Kind
) -> None:
    assert kind_of(health, layer, fault) is kind


@st.composite
def stretches(draw: st.DrawFn) -> list[Interval]:
    """Return stretches as a database holds them: in order, without gaps, the last one perhaps open."""
    bounds = sorted(draw(st.sets(st.integers(-20_000, 60_000), min_size=1, max_size=9)))
    ends = [*bounds[1:], draw(st.none() | st.integers(bounds[-1] + 1, bounds[-1] + 30_000))]
    return [
        Interval(
            since=at(begins / 1000),
            until=None if ends is None else at(ends / 1000),
            health=health,
            layer=layer,
            fault=fault,
        )
        for begins, ends in zip(bounds, ends, strict=True)
        for health, layer, fault in [draw(st.sampled_from(VERDICTS))]
    ]


SPANS = st.lists(
    st.tuples(st.integers(-9, 49), st.integers(-9, 49)).map(lambda pair: (at(min(pair)), at(max(pair)))), max_size=3
)


def second_by_second(
    told: Sequence[Interval],
    until_s: int,
    valid_until: datetime | None,
    out: Sequence[Span],
    maintained: Sequence[Span],
) -> Counter[str]:
    """Return how many seconds count as what, by asking for each second alone."""
    found: Counter[str] = Counter()
    for number in range(until_s):
        now = at(number)
        if any(a <= now < b for a, b in out):
            found["out_s"] += 1
        elif any(a <= now < b for a, b in maintained):
            found["maintenance_s"] += 1
        else:
            ends = [(one.until or valid_until or at(until_s)).replace(microsecond=0) for one in told]
            holds = [one for one, end in zip(told, ends, strict=True) if one.since.replace(microsecond=0) <= now < end]
            kind = kind_of(holds[0].health, holds[0].layer, holds[0].fault) if holds else Kind.UNKNOWN
            found["unchecked_s" if kind is Kind.UNKNOWN else f"{kind}_s"] += 1
    return found


@given(stretches(), SPANS, SPANS, st.none() | st.integers(0, 70))
def test_a_day_is_what_a_count_second_by_second_gives(
    told: list[Interval], out: list[Span], maintained: list[Span], valid_s: int | None
) -> None:
    valid_until = None if valid_s is None else max(at(valid_s), told[-1].since)
    day = day_of(told, since=START, until=at(LENGTH_S), valid_until=valid_until, out=out, maintained=maintained)
    wanted = second_by_second(told, LENGTH_S, valid_until, out, maintained)
    seconds = ("good_s", "bad_s", "blocked_s", "offline_s", "unchecked_s", "maintenance_s", "out_s")
    assert {name: getattr(day, name) for name in seconds} == {name: wanted[name] for name in seconds}
    assert sum(wanted.values()) == LENGTH_S


@given(stretches(), SPANS, SPANS, st.integers(0, LENGTH_S))
def test_days_add_up_to_the_time_they_cut(
    told: list[Interval], out: list[Span], maintained: list[Span], cut_s: int
) -> None:
    def count(since: datetime, until: datetime) -> Day:
        return day_of(told, since=since, until=until, valid_until=at(500), out=out, maintained=maintained)

    whole, first, second = count(START, at(LENGTH_S)), count(START, at(cut_s)), count(at(cut_s), at(LENGTH_S))
    for one in fields(Day):
        assert getattr(whole, one.name) == getattr(first, one.name) + getattr(second, one.name), one.name


@given(stretches(), st.integers(0, 70))
def test_the_rate_of_one_camera_is_the_same_as_counted_by_time(told: list[Interval], valid_s: int) -> None:
    whole = [
        Interval(
            since=one.since.replace(microsecond=0),
            until=one.until and one.until.replace(microsecond=0),
            health=one.health,
        )
        for one in told
    ]
    valid_until = max(at(valid_s), whole[-1].since)
    until = at(LENGTH_S)
    day = day_of(told, since=START, until=until, valid_until=valid_until)
    rate = online_rate(whole, since=START, until=until, now=until, valid_until=valid_until)
    assert (day.known_s - day.offline_s, day.known_s) == (rate.numerator_s, rate.denominator_s)
    assert day.unchecked_s == rate.unchecked_s


def line(*parts: tuple[int, Health]) -> list[Interval]:
    ends = [*(begins for begins, _ in parts[1:]), None]
    return [
        Interval(since=at(begins), until=None if end is None else at(end), health=health)
        for (begins, health), end in zip(parts, ends, strict=True)
    ]


ON, OFF, SILENT = Health.ONLINE, Health.OFFLINE, Health.UNKNOWN


@pytest.mark.parametrize(
    ("told", "turns"),
    [
        (line((0, ON), (10, OFF), (30, ON)), (1, 1, 20)),
        (line((0, ON), (10, OFF), (20, OFF), (30, ON)), (1, 1, 20)),
        (line((0, ON), (10, OFF), (20, SILENT), (25, OFF), (30, ON)), (1, 1, 20)),
        (line((0, ON), (10, SILENT), (20, ON)), (0, 0, 0)),
        (line((0, ON), (10, OFF)), (1, 0, 0)),
        (line((-50, OFF), (10, ON)), (0, 1, 60)),
        (line((5, OFF), (10, ON), (20, OFF), (21, Health.DEGRADED)), (2, 2, 6)),
    ],
)
def test_a_failure_lasts_until_the_camera_is_in_line_again(told: list[Interval], turns: tuple[int, int, int]) -> None:
    day = day_of(told, since=START, until=at(60), valid_until=None)
    assert (day.failures, day.repairs, day.repair_s) == turns


def test_what_fails_in_maintenance_is_no_failure() -> None:
    told = line((0, ON), (10, OFF), (30, ON))
    day = day_of(told, since=START, until=at(60), valid_until=None, maintained=[(at(5), at(40))])
    assert (day.failures, day.repairs, day.offline_s, day.maintenance_s) == (0, 0, 0, 35)


@pytest.mark.parametrize(("offline_s", "known_s", "was"), [(0, 0, False), (5, 10, True), (6, 10, False), (0, 1, True)])
def test_a_camera_was_online_when_it_was_so_for_half_of_the_time_known(offline_s: int, known_s: int, was: bool) -> None:
    assert Day(good_s=known_s - offline_s, offline_s=offline_s).was_online is was
