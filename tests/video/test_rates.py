"""Rates with what they are made of, and the score, by hand."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from video.rates import BASIS, MEANINGS, SUMMED, Basis, Figure, Measure, Of, Sums, figure, figures, score

SUMS = Sums(
    cameras=10, in_use=8, repair=2, placed=9, placed_in_use=8, complete=5, complete_in_use=4, labelled=10,
    labelled_in_use=8, good_s=700, bad_s=100, blocked_s=50, offline_s=150, unchecked_s=1000, maintenance_s=30,
    online_days=6, not_online_days=2, unchecked_days=12, clock_good_days=3, clock_bad_days=1, clock_unread_days=16,
    recorded_s=90, unrecorded_s=10, recording_unchecked_s=1900, failures=2, repairs=3, repair_s=600,
)  # fmt: skip


@pytest.mark.parametrize(
    ("measure", "of", "numerator", "denominator", "unchecked"),
    [
        (Measure.ONLINE, Of.CHECKED, 850, 1000, 1000),
        (Measure.ONLINE, Of.DUE, 850, 2000, 1000),
        (Measure.ONLINE_CAMERAS, Of.CHECKED, 6, 8, 12),
        (Measure.ONLINE_CAMERAS, Of.DUE, 6, 20, 12),
        (Measure.PICTURE, Of.CHECKED, 700, 800, 50),
        (Measure.PICTURE, Of.IN_LINE, 700, 850, 50),
        (Measure.INTACT, Of.CHECKED, 700, 950, 1050),
        (Measure.INTACT, Of.DUE, 700, 2000, 1050),
        (Measure.POSITION, Of.ALL, 9, 10, 0),
        (Measure.POSITION, Of.IN_USE, 8, 8, 0),
        (Measure.RECORD, Of.ALL, 5, 10, 0),
        (Measure.RECORD, Of.IN_USE, 4, 8, 0),
        (Measure.CLOCK, Of.CHECKED, 3, 4, 16),
        (Measure.CLOCK, Of.DUE, 3, 20, 16),
        (Measure.LABELLING, Of.ALL, 10, 10, 0),
        (Measure.LABELLING, Of.IN_USE, 8, 8, 0),
        (Measure.RECORDING, Of.CHECKED, 90, 100, 1900),
        (Measure.RECORDING, Of.DUE, 90, 2000, 1900),
    ],
)
def test_a_rate_is_made_of_what_its_name_says(
    measure: Measure, of: Of, numerator: int, denominator: int, unchecked: int
) -> None:
    found = figure(measure, SUMS, replace(BASIS[measure], of=of))
    assert (found.numerator, found.denominator, found.unchecked) == (numerator, denominator, unchecked)
    assert found.share == Fraction(numerator, denominator)


def test_every_denominator_is_in_the_table_above() -> None:
    assert sum(len(meaning.denominators) for meaning in MEANINGS.values()) == 18


def test_what_nobody_checked_has_no_rate_and_no_points() -> None:
    found = figures(Sums(), BASIS)
    assert [one.share for one in found] == [None] * len(Measure)
    assert score(found).points == 0
    assert score(found).reachable == 0


def test_the_score_is_the_sum_of_weights_times_rates() -> None:
    found = figures(SUMS, BASIS)
    by_hand = (
        30 * Fraction(850, 1000) + 20 * Fraction(700, 800) + 10 * Fraction(700, 950) + 10 * Fraction(9, 10)
        + 10 * Fraction(5, 10) + 10 * Fraction(3, 4) + 5 * Fraction(10, 10) + 5 * Fraction(90, 100)
    )  # fmt: skip
    assert score(found).points == by_hand
    assert score(found).reachable == 100


def test_the_weights_are_a_hundred_together() -> None:
    assert sum(basis.weight for basis in BASIS.values()) == 100


@given(st.lists(st.integers(0, 10**9), min_size=len(SUMMED), max_size=len(SUMMED)), st.sampled_from(list(Measure)))
def test_a_rate_lies_between_none_and_all(counts: list[int], measure: Measure) -> None:
    sums = Sums(**dict(zip(SUMMED, counts, strict=True)))
    for of in MEANINGS[measure].denominators:
        found = figure(measure, sums, replace(BASIS[measure], of=of))
        if MEANINGS[measure].unit != "cameras" and found.share is not None:
            assert 0 <= found.share <= 1


def test_a_rate_misses_its_target_only_below_it() -> None:
    def found(numerator: int, target: float | None) -> Figure:
        return replace(figure(Measure.ONLINE, SUMS, Basis(weight=1, of=Of.CHECKED, target=target)), numerator=numerator)

    assert [found(949, 95.0).misses, found(950, 95.0).misses, found(0, None).misses] == [True, False, False]


def test_times_between_failures_and_to_repair_are_means() -> None:
    assert SUMS.between_failures_s == 425
    assert SUMS.to_repair_s == 200
    assert (Sums().between_failures_s, Sums().to_repair_s) == (None, None)


def test_sums_add_up_and_read_rows_with_nothing_in_them() -> None:
    assert Sums.of(dict.fromkeys(SUMMED)) + SUMS == SUMS
    assert (SUMS + SUMS).good_s == 1400
