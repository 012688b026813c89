"""What is told, when and how often: cases by hand, laws over made-up histories, and the preview against the clock."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.notices import (
    GRAVITY,
    HEARD,
    Line,
    Matter,
    Message,
    Quiet,
    Rule,
    Rules,
    Step,
    Told,
    Trouble,
    after,
    decide,
)
from desk.preview import Change, Hold, Sent, Stretch, changes_of, replay

SHANGHAI = ZoneInfo("Asia/Shanghai")
# 18:00 in Shanghai.
START = datetime(2026, 3, 2, 10, tzinfo=UTC)
NIGHT = Quiet(start=time(22), end=time(7), zone=SHANGHAI)
EVERYTHING = Rule(id=1, channels=frozenset({1}), kinds=frozenset(HEARD), delay_s=300, group_s=60)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def camera(number: int, trouble: Trouble | None = Trouble.OFFLINE, *, since: float = 0, held: bool = False) -> Matter:
    return Matter(key=f"camera:{number}", trouble=trouble, since=at(since), paths={"1.2": 1}, held=held)


def live(changes: Iterable[Change], rules: Rules, *, minutes: int, tick: int = 1) -> list[Sent]:
    """Decide at every tick, as a job does, and write down what was told."""
    waiting = sorted(changes, key=lambda change: change.at)
    matters: dict[str, Matter] = {}
    told: dict[tuple[str, int], Told] = {}
    sent = []
    for minute in range(0, minutes, tick):
        now = at(minute)
        while waiting and waiting[0].at <= now:
            change = waiting.pop(0)
            matters[change.matter.key] = change.matter
        for message in decide(matters.values(), told.values(), rules, now=now).messages:
            sent.append(Sent(at=now, message=message))
            tell(told, message.lines, now)
    return sent


def tell(told: dict[tuple[str, int], Told], lines: Sequence[Line], now: datetime) -> None:
    for line in lines:
        heard = after(told.pop((line.matter, line.channel), None), line, at=now)
        if heard:
            told[line.matter, line.channel] = heard


def told_of(sent: Iterable[Sent]) -> list[tuple[float, str]]:
    """Return when and what was told, in minutes, line by line."""
    return [
        ((one.at - START).total_seconds() / 60, f"{line.step} {line.trouble}")
        for one in sent
        for line in one.message.lines
    ]


def course(
    *changes: tuple[float, Trouble | None], rule: Rule = EVERYTHING, minutes: int = 600
) -> list[tuple[float, str]]:
    """Return what is told of one camera that changes so."""
    each = [Change(at=at(minute), matter=camera(1, trouble, since=minute)) for minute, trouble in changes]
    return told_of(live(each, Rules((rule,)), minutes=minutes))


CASES = {
    "a camera that stays offline is told once, after the delay and the gathering": (
        [(0, Trouble.OFFLINE)], EVERYTHING, [(6, "opened offline")],
    ),
    "a camera that is back before the delay is not told": ([(0, Trouble.OFFLINE), (4, None)], EVERYTHING, []),
    "one that is back while its message gathers is not told": ([(0, Trouble.OFFLINE), (5.5, None)], EVERYTHING, []),
    "what was told is told to be well": (
        [(0, Trouble.OFFLINE), (20, None)], EVERYTHING, [(6, "opened offline"), (21, "recovered offline")],
    ),
    "what became worse is told again, what became milder is not": (
        [(0, Trouble.DEGRADED), (20, Trouble.OFFLINE), (40, Trouble.DEGRADED), (60, Trouble.OFFLINE)], EVERYTHING,
        [(6, "opened degraded"), (26, "worse offline")],
    ),
    "silence in between is not the end of it": (
        [(0, Trouble.OFFLINE), (20, Trouble.UNKNOWN), (30, Trouble.OFFLINE), (50, None)], EVERYTHING,
        [(6, "opened offline"), (51, "recovered offline")],
    ),
    "one that comes and goes is told once": (
        [(0, Trouble.UNSTABLE), (90, Trouble.OFFLINE), (100, Trouble.UNSTABLE), (200, None)], EVERYTHING,
        [(6, "opened unstable"), (201, "recovered unstable")],
    ),
    "a reminder comes after each gap while it lasts": (
        [(0, Trouble.OFFLINE), (150, None)], replace(EVERYTHING, remind_s=3600),
        [(6, "opened offline"), (67, "reminded offline"), (128, "reminded offline"), (151, "recovered offline")],
    ),
    # 22:00 is minute 240.
    "what begins in quiet hours is told at their end": (
        [(250, Trouble.OFFLINE)], replace(EVERYTHING, quiet=NIGHT), [(780, "opened offline")],
    ),
    "what begins and ends in quiet hours is not told": (
        [(250, Trouble.OFFLINE), (500, None)], replace(EVERYTHING, quiet=NIGHT), [],
    ),
    "a message that gathers into quiet hours waits for their end": (
        [(234.5, Trouble.OFFLINE)], replace(EVERYTHING, quiet=NIGHT), [(780, "opened offline")],
    ),
    "a recovery in quiet hours is told at their end": (
        [(0, Trouble.OFFLINE), (300, None)], replace(EVERYTHING, quiet=NIGHT),
        [(6, "opened offline"), (780, "recovered offline")],
    ),
    "reminders of a night become one": (
        [(0, Trouble.OFFLINE)], replace(EVERYTHING, quiet=NIGHT, remind_s=7200),
        [(6, "opened offline"), (127, "reminded offline"), (780, "reminded offline")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_camera_is_told_as_its_rule_says(name: str) -> None:
    changes, rule, expected = CASES[name]
    assert course(*changes, rule=rule, minutes=800) == expected


def test_an_outage_of_3230_cameras_is_one_message_and_its_recovery_one_more() -> None:
    outage = Matter(key="outage:1", trouble=Trouble.OUTAGE, since=at(0), paths={"1.2.3": 2000, "1.2.4": 1230})
    down = [Change(at=at(0), matter=camera(number, held=True)) for number in range(3230)]
    up = [Change(at=at(90), matter=camera(number, None, since=90)) for number in range(3230)]
    over = Change(at=at(90), matter=replace(outage, trouble=None, since=at(90)))
    sent = replay([Change(at=at(0), matter=outage), *down, *up, over], Rules((EVERYTHING,)), until=at(200))
    assert told_of(sent) == [(6, "opened outage"), (91, "recovered outage")]
    assert [line.devices for one in sent for line in one.message.lines] == [3230, 3230]


def test_3230_cameras_without_an_outage_are_still_one_message() -> None:
    down = [camera(number, since=number / 3230) for number in range(3230)]
    decision = decide(down, [], Rules((EVERYTHING,)), now=at(6.5))
    assert [len(message.lines) for message in decision.messages] == [3230]


def test_a_camera_the_outage_left_behind_is_told_when_its_own_delay_is_over() -> None:
    left = replace(camera(1), counted_from=at(60))
    assert told_of(live([Change(at=at(0), matter=left)], Rules((EVERYTHING,)), minutes=120)) == [(66, "opened offline")]


def test_a_town_hears_of_the_devices_of_its_own() -> None:
    outage = Matter(key="outage:1", trouble=Trouble.OUTAGE, since=at(0), paths={"1.2.3": 20, "1.4": 30})
    rules = Rules((EVERYTHING, replace(EVERYTHING, id=2, path="1.2", channels=frozenset({2}))))
    decision = decide([outage], [], rules, now=at(10))
    assert [(line.channel, line.devices) for each in decision.messages for line in each.lines] == [(1, 50), (2, 20)]


def nearest(*rules: Rule, path: str = "1.2.3", classes: Iterable[int] = (3,)) -> int | None:
    matter = replace(camera(1), paths={path: 1}, classes=frozenset(classes))
    found = Rules(rules).nearest(matter, Trouble.OFFLINE, 1)
    return found and found.id


def test_of_several_rules_the_nearest_decides() -> None:
    county = EVERYTHING
    third = replace(county, id=2, classes=frozenset({3}))
    town = replace(county, id=3, path="1.2")
    elsewhere = replace(county, id=4, path="1.20", kinds=frozenset(HEARD))
    mild = replace(county, id=5, path="1.2.3", kinds=frozenset({Trouble.DEGRADED}))
    assert nearest(county, third, town, elsewhere, mild) == 3
    assert nearest(county, third, elsewhere, mild) == 2
    assert nearest(county, third, elsewhere, mild, classes=[1]) == 1
    assert nearest(third, elsewhere, mild, classes=[]) is None


def test_what_is_gone_is_forgotten_and_not_called_well() -> None:
    told = Told(matter="camera:1", channel=1, rule=1, trouble=Trouble.OFFLINE, since=at(0), at=at(6))
    assert decide([], [told], Rules((EVERYTHING,)), now=at(60)).forgotten == (told,)
    well = camera(1, None, since=30)
    assert decide([well], [told], Rules(()), now=at(60)).forgotten == (told,)
    assert decide([well], [told], Rules((EVERYTHING,)), now=at(60)).forgotten == ()
    assert decide([replace(well, held=True)], [told], Rules((EVERYTHING,)), now=at(60)).messages == ()


# Everything happens at a multiple of ten minutes, so that a clock that ticks as often misses nothing.
TICK = 10
TIMES = st.builds(time, hour=st.integers(0, 23), minute=st.integers(0, 5).map(lambda tens: tens * TICK))
QUIETS = st.none() | st.builds(
    Quiet,
    start=TIMES,
    end=TIMES,
    zone=st.sampled_from([SHANGHAI, ZoneInfo("UTC"), ZoneInfo("America/St_Johns")]),
)
DELAYS = st.integers(0, 12).map(lambda ticks: ticks * TICK * 60)
RULES = st.builds(
    Rule,
    id=st.just(1),
    path=st.sampled_from(["", "1", "1.2"]),
    kinds=st.sets(st.sampled_from(HEARD), min_size=1).map(frozenset),
    channels=st.sets(st.integers(1, 3), min_size=1).map(frozenset),
    delay_s=DELAYS,
    group_s=st.integers(0, 2).map(lambda ticks: ticks * TICK * 60),
    remind_s=st.sampled_from([0, 1200, 6000]),
    quiet=QUIETS,
)
RULE_SETS = st.lists(RULES, min_size=1, max_size=3).map(
    lambda rules: Rules(tuple(replace(rule, id=number) for number, rule in enumerate(rules)))
)
LONG = 2000


@st.composite
def histories(draw: st.DrawFn) -> list[Change]:
    """Draw how a few cameras and an outage went, minute by minute."""
    changes = []
    for number in range(draw(st.integers(1, 4))):
        for tick in sorted(draw(st.sets(st.integers(0, LONG // TICK), max_size=8))):
            minute = tick * TICK
            trouble = draw(st.sampled_from([None, *Trouble]))
            held = draw(st.integers(0, 4)) == 0
            changes.append(Change(at=at(minute), matter=camera(number, trouble, since=minute, held=held)))
    return changes


@settings(max_examples=40, deadline=None)
@given(histories(), RULE_SETS)
def test_the_preview_tells_what_the_clock_would_have_told(changes: list[Change], rules: Rules) -> None:
    def plain(sent: Iterable[Sent]) -> list[tuple[datetime, int, frozenset[Line]]]:
        return sorted(
            ((one.at, one.message.channel, frozenset(one.message.lines)) for one in sent), key=lambda one: one[:2]
        )

    assert plain(replay(changes, rules, until=at(LONG))) == plain(live(changes, rules, minutes=LONG, tick=TICK))


def trouble_at(changes: Iterable[Change], key: str, moment: datetime) -> Matter | None:
    """Return how a matter stood at a moment."""
    past = [change for change in changes if change.matter.key == key and change.at <= moment]
    return max(past, key=lambda change: change.at).matter if past else None


@settings(max_examples=100, deadline=None)
@given(histories(), RULE_SETS)
def test_nothing_is_told_early_at_night_twice_or_of_what_is_held(changes: list[Change], rules: Rules) -> None:
    last: dict[tuple[int, str], tuple[datetime, Line]] = {}
    seen = set()
    for one in replay(changes, rules, until=at(LONG)):
        for line in one.message.lines:
            rule = rules.by_id(line.rule)
            matter = trouble_at(changes, line.matter, one.at)
            before = last.get((line.channel, line.matter))
            assert rule is not None
            assert matter is not None
            assert not rule.is_quiet(one.at)
            assert not matter.held
            assert (line.channel, line.matter, line.since, line.times) not in seen
            seen.add((line.channel, line.matter, line.since, line.times))
            is_first = before is None or before[1].step is Step.RECOVERED
            assert (line.step is Step.OPENED) == is_first
            if line.step in (Step.OPENED, Step.WORSE):
                assert one.at - matter.since >= timedelta(seconds=rule.delay_s)
            if line.step is Step.REMINDED and before:
                assert one.at - before[0] >= timedelta(seconds=rule.remind_s) > timedelta(0)
            if line.step is Step.WORSE and before:
                assert GRAVITY[line.trouble] > GRAVITY[before[1].trouble]
            assert (line.step is Step.RECOVERED) == (matter.trouble is None)
            last[line.channel, line.matter] = (one.at, line)


@settings(max_examples=100, deadline=None)
@given(histories(), RULES)
def test_nothing_that_lasts_is_lost(changes: list[Change], rule: Rule) -> None:
    """A day after the last change, quiet hours included, every channel has heard of whatever is still wrong."""
    if rule.quiet and rule.quiet.start == rule.quiet.end:
        rule = replace(rule, quiet=None)
    rules, end = Rules((rule,)), at(LONG + 3000)
    heard = {
        (line.channel, line.matter): line for one in replay(changes, rules, until=end) for line in one.message.lines
    }
    for key in {change.matter.key for change in changes}:
        matter = trouble_at(changes, key, end)
        if matter and not matter.held and matter.trouble and rule.hears(matter.trouble):
            lines = [heard[channel, key] for channel in rule.channels]
            assert all(GRAVITY[line.trouble] >= GRAVITY[matter.trouble] for line in lines)
            assert all(line.step is not Step.RECOVERED for line in lines)
        if matter and not matter.held and matter.trouble is None:
            assert all(heard[c, key].step is Step.RECOVERED for c in rule.channels if (c, key) in heard)


@given(QUIETS, st.integers(0, 366 * 1440).map(at))
def test_quiet_hours_end_within_a_day(quiet: Quiet | None, moment: datetime) -> None:
    if quiet is None:
        return
    over = quiet.over(moment)
    assert moment <= over <= moment + timedelta(hours=25)
    assert (over == moment) == (not quiet.holds(moment))


def test_stretches_and_holds_become_changes() -> None:
    stretches = [
        Stretch(camera_id=1, since=at(0), until=at(60), trouble=Trouble.OFFLINE, path="1", monitor_class=3),
        Stretch(camera_id=1, since=at(60), until=None, trouble=None, path="1", monitor_class=3),
    ]
    holds = [Hold(camera_id=1, since=at(3), until=at(30)), Hold(camera_id=2, since=at(0), until=None)]
    found = [(change.at, change.matter.trouble, change.matter.held) for change in changes_of(stretches, holds)]
    assert found == [
        (at(0), Trouble.OFFLINE, False),
        (at(3), Trouble.OFFLINE, True),
        (at(30), Trouble.OFFLINE, False),
        (at(60), None, False),
    ]
    sent = replay(changes_of(stretches, holds), Rules((EVERYTHING,)), until=at(100))
    assert told_of(sent) == [(36, "opened offline"), (61, "recovered offline")]
    assert all(isinstance(one.message, Message) for one in sent)
