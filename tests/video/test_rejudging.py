"""The past is judged again from what is stored, and told anew only where its pictures mean something else."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.measures import STEPS, at_rest, from_rest
from data.thresholds import DEFAULTS, with_changes
from data.types import Fault, Health, Interval, Layer, Limits, Verdict
from video.rejudging import Said, again, retold

START = datetime(2026, 1, 1, tzinfo=UTC)
DARK = {"luma_mean": 36.0, "luma_p05": 8.0, "luma_p50": 32.0, "luma_p95": 72.0, "luma_p98": 80.0, "burnt_share": 0.0}


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def facts(state: str = "bad", **more: Any) -> dict[str, Any]:
    return {"measures": at_rest(DARK), "checks": {"too_dark": state}, **more}


def verdict(fault: Fault | None) -> Verdict:
    health = Health.DEGRADED if fault else Health.ONLINE
    return Verdict(at=START, valid_until=START, health=health, fault=fault, layer=Layer.PICTURE if fault else None)


def stretch(first: float, last: float, fault: Fault | None = None) -> Interval:
    told = verdict(fault)
    return Interval(since=at(first), until=at(last), health=told.health, fault=fault, layer=told.layer)


def said(minutes: float, was: Fault | None, now: Fault | None) -> Said:
    return Said(at=at(minutes), was=verdict(was), now=verdict(now))


def test_a_threshold_that_was_too_strict_is_taken_back_without_a_look() -> None:
    same = again(START, facts(), thresholds=DEFAULTS, limits=Limits())
    milder = again(START, facts(), thresholds=with_changes({"dark_mean": 30.0}), limits=Limits())
    assert same is not None
    assert milder is not None
    assert (same.was.fault, same.now.fault) == (Fault.TOO_DARK, Fault.TOO_DARK)
    assert (milder.was.fault, milder.now.fault, milder.differs) == (Fault.TOO_DARK, None, True)


@pytest.mark.parametrize("stored", [{}, {"checks": {"black": "bad"}}, {"measures": at_rest(DARK)}])
def test_facts_without_measures_are_left_as_they_are(stored: dict[str, Any]) -> None:
    assert again(START, stored, thresholds=DEFAULTS, limits=Limits()) is None


def test_whether_it_was_frozen_is_no_threshold() -> None:
    stored = {"measures": at_rest({**DARK, "is_compared": 1, "same_as_before": 1}), "checks": {"frozen": "good"}}
    told = again(START, stored, thresholds=with_changes({"dark_mean": 30.0}), limits=Limits())
    assert told is not None
    assert told.now.fault is None


@pytest.mark.parametrize(
    ("words", "pieces"),
    [
        ([], [(0, 60, Fault.COVERED)]),
        ([said(-5, Fault.COVERED, None)], [(0, 60, None)]),
        (
            [said(-5, Fault.COVERED, None), said(20, Fault.COVERED, Fault.COVERED)],
            [(0, 20, None), (20, 60, Fault.COVERED)],
        ),
        # Half a minute would not have been confirmed.
        (
            [
                said(0, Fault.COVERED, Fault.COVERED),
                said(20, Fault.COVERED, None),
                said(20.5, Fault.COVERED, Fault.COVERED),
            ],
            [(0, 60, Fault.COVERED)],
        ),
        # What the stretch was not about does not change it.
        ([said(-5, Fault.BLURRED, None)], [(0, 60, Fault.COVERED)]),
    ],
)
def test_a_stretch_is_told_anew_where_its_pictures_mean_something_else(
    words: list[Said], pieces: list[tuple[float, float, Fault | None]]
) -> None:
    told = retold(stretch(0, 60, Fault.COVERED), words, shortest_s=45)
    assert told == tuple(stretch(*piece) for piece in pieces)


def test_a_camera_that_was_offline_stays_so() -> None:
    gone = Interval(since=at(0), until=at(60), health=Health.OFFLINE, fault=Fault.TIMEOUT, layer=Layer.TCP)
    assert retold(gone, [said(-5, None, Fault.COVERED)], shortest_s=45) == (gone,)


@given(st.lists(st.tuples(st.floats(-30, 90), st.sampled_from([None, Fault.COVERED, Fault.BLURRED])), max_size=8))
def test_pieces_cover_the_stretch_without_gaps_or_overlaps(words: list[tuple[float, Fault | None]]) -> None:
    told = retold(
        stretch(0, 60), [said(minutes, None, now) for minutes, now in sorted(words, key=lambda w: w[0])], shortest_s=45
    )
    assert (told[0].since, told[-1].until) == (at(0), at(60))
    assert all(one.until == after.since for one, after in itertools.pairwise(told))
    assert all(one.until is not None and one.since < one.until for one in told)


@given(st.dictionaries(st.sampled_from(sorted(STEPS)), st.floats(0, 250), max_size=len(STEPS)))
def test_stored_measures_are_exact_to_their_step_and_stay_while_they_do(measures: dict[str, float]) -> None:
    stored = at_rest(measures)
    back = from_rest(stored)
    assert set(back) == set(measures)
    assert all(abs(back[name] - value) <= STEPS[name] or value / STEPS[name] > 255 for name, value in measures.items())
    nudged = {name: value + 0.4 * STEPS[name] for name, value in back.items()}
    assert at_rest(nudged, stored) == stored
