"""The next cameras: the best choice on small problems beside every set there is, and bounds that always hold."""

import csv
import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from gis.siting import BadSiting, Ending, Progress, Siting, choose

MANY = settings(max_examples=40, deadline=None)
FEW = settings(max_examples=20, deadline=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A small problem with everything that can be asked of it."""

    covers: NDArray[np.int8]
    weight: NDArray[np.float64]
    budget: float
    group: NDArray[np.int64] | None = None
    cost: NDArray[np.float64] | None = None
    at_most: int = 1
    backup: float = 0.0

    def value(self, rows: Any) -> float:
        """Return what some candidates are worth together."""
        times = self.covers[list(rows)].sum(axis=0)
        return float(self.weight[times >= 1].sum() + self.backup * self.weight[times >= 2].sum())

    def fits(self, rows: Any) -> bool:
        """Say whether some candidates keep budget and groups."""
        rows = list(rows)
        spent = len(rows) if self.cost is None else self.cost[rows].sum()
        if spent > self.budget * (1 + 1e-12):
            return False
        groups = [] if self.group is None else [one for one in self.group[rows] if one >= 0]
        return all(groups.count(one) <= self.at_most for one in groups)

    def optimum(self) -> float:
        """Return the most that any set is worth, by trying them all."""
        rows = range(len(self.covers))
        sets = itertools.chain.from_iterable(itertools.combinations(rows, n) for n in range(len(self.covers) + 1))
        return max(self.value(one) for one in sets if self.fits(one))

    def chosen(self, **more: Any) -> Siting:
        """Return what is chosen for it."""
        return choose(
            sparse.csr_array(self.covers),
            self.weight,
            self.budget,
            one_per=self.group,
            cost=self.cost,
            at_most=self.at_most,
            backup=self.backup,
            **more,
        )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    candidates, demand = draw(st.integers(1, 8)), draw(st.integers(1, 10))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    covers = (random.random((candidates, demand)) < draw(st.sampled_from([0.15, 0.35, 0.6]))).astype(np.int8)
    whole = random.integers(0, 9, demand).astype(float)
    by_cost = draw(st.booleans())
    return Case(
        covers=covers,
        weight=draw(st.sampled_from([whole, np.ones(demand), random.random(demand)])),
        budget=draw(st.floats(0, 12)) if by_cost else draw(st.integers(0, candidates + 1)),
        group=draw(st.sampled_from([None, random.integers(-1, 4, candidates)])),
        cost=draw(st.sampled_from([random.integers(0, 6, candidates).astype(float), random.random(candidates) * 5]))
        if by_cost
        else None,
        at_most=draw(st.sampled_from([1, 1, 2, 0])),
        backup=draw(st.sampled_from([0.0, 0.0, 0.5, 1.0])),
    )


@pytest.fixture(scope="module")
def san_francisco(shared_data: Path) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Return which of 16 sites reach which of 205 tracts within 5,000, and the people of the tracts."""
    file = shared_data / "optimisation/spopt_sf/SF_network_distance_candidateStore_16_censusTract_205_new.csv"
    with file.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    sites, tracts = sorted({row["name"] for row in rows}), sorted({row["DestinationName"] for row in rows})
    covers, people = np.zeros((len(sites), len(tracts)), dtype=np.int8), np.zeros(len(tracts))
    for row in rows:
        tract = tracts.index(row["DestinationName"])
        people[tract] = float(row["demand"])
        covers[sites.index(row["name"]), tract] = float(row["distance"]) <= 5000
    return covers, people


def best_of_all_sets(covers: NDArray[np.int8], weight: NDArray[np.float64], number: int) -> tuple[float, int]:
    sets = list(itertools.combinations(range(len(covers)), number))
    return max(float(weight[covers[list(one)].any(axis=0)].sum()) for one in sets), len(sets)


def test_four_sites_of_san_francisco_are_proved_to_reach_most_people(
    san_francisco: tuple[NDArray[np.int8], NDArray[np.float64]],
) -> None:
    covers, people = san_francisco
    assert best_of_all_sets(covers, people, 4) == (875_247, 1_820)
    found = choose(sparse.csr_array(covers), people, 4)
    assert (found.covered, found.bound, found.gap, found.ended) == (875_247, 875_247, 0, Ending.PROVED)
    assert people.sum() == 955_113
    assert people[covers[found.chosen].any(axis=0)].sum() == 875_247


def test_four_sites_of_san_francisco_are_proved_to_reach_most_tracts(
    san_francisco: tuple[NDArray[np.int8], NDArray[np.float64]],
) -> None:
    covers, people = san_francisco
    ones = np.ones(len(people))
    assert best_of_all_sets(covers, ones, 4)[0] == 185
    found = choose(sparse.csr_array(covers), ones, 4, alternatives=50)
    assert (found.covered, found.bound, len(people)) == (185, 185, 205)
    assert len({tuple(sorted(one.chosen)) for one in found.alternatives}) == len(found.alternatives) > 0
    for one in found.alternatives:
        assert ones[covers[one.chosen].any(axis=0)].sum() == one.covered == 185
        assert sorted(one.chosen) != sorted(found.chosen)


@MANY
@given(cases())
def test_what_is_chosen_is_as_good_as_the_best_of_all_sets(case: Case) -> None:
    found, optimum = case.chosen(), case.optimum()
    assert case.fits(found.chosen)
    assert found.covered == pytest.approx(case.value(found.chosen), abs=1e-9)
    assert found.covered == pytest.approx(optimum, abs=1e-9)
    assert found.bound >= optimum - 1e-9
    assert found.ended is Ending.PROVED
    assert found.cost == pytest.approx(len(found.chosen) if case.cost is None else case.cost[found.chosen].sum())


@FEW
@given(cases(), st.sampled_from([0, 1, 2, 3]))
def test_a_bound_holds_wherever_the_work_is_broken_off(case: Case, looks: int) -> None:
    asked = itertools.count()
    found = case.chosen(is_cancelled=lambda: next(asked) >= looks)
    optimum = case.optimum()
    assert case.fits(found.chosen)
    assert found.covered <= optimum + 1e-9
    assert found.bound >= optimum - 1e-9
    assert found.ended in (Ending.PROVED, Ending.CANCELLED)


@FEW
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_candidates_and_demand_changes_nothing(case: Case, random: Any) -> None:
    rows, columns = list(range(case.covers.shape[0])), list(range(case.covers.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    mixed = replace(
        case,
        covers=case.covers[rows][:, columns],
        weight=case.weight[columns],
        group=None if case.group is None else case.group[rows],
        cost=None if case.cost is None else case.cost[rows],
    )
    assert mixed.chosen().covered == pytest.approx(case.chosen().covered, abs=1e-9)


@FEW
@given(cases(), st.floats(0, 5))
def test_more_budget_never_covers_less(case: Case, more: float) -> None:
    richer = replace(case, budget=case.budget + more)
    assert richer.chosen().covered >= case.chosen().covered - 1e-9


@FEW
@given(cases())
def test_gains_fall_and_add_up_to_what_is_covered(case: Case) -> None:
    found = case.chosen()
    assert found.gains.sum() == pytest.approx(found.covered, abs=1e-9)
    assert all(one >= next_one - 1e-9 for one, next_one in itertools.pairwise(found.gains))
    assert found.gains[:1] == pytest.approx([case.value(found.chosen[:1])][: len(found.gains)], abs=1e-9)


def some_town(seed: int, *, candidates: int = 300, demand: int = 500, groups: int = 60) -> Case:
    """Return poles on a street: each candidate covers some of the demand near its pole."""
    random = np.random.default_rng(seed)
    group = np.arange(candidates) * groups // candidates
    places, poles = np.sort(random.random(demand)), np.sort(random.random(groups))
    near = np.abs(places - poles[group][:, None]) < 0.03
    return Case(
        covers=(near & (random.random((candidates, demand)) < 0.5)).astype(np.int8),
        weight=random.integers(1, 10, demand).astype(float),
        budget=groups // 5,
        group=group,
    )


def test_poles_with_headings_are_chosen_to_proof() -> None:
    case = some_town(3)
    found = case.chosen()
    assert case.fits(found.chosen)
    assert found.covered == case.value(found.chosen) == found.bound


def test_at_most_two_of_a_pole_cover_no_less_than_one() -> None:
    case = replace(some_town(4, candidates=120, demand=200, groups=12), budget=8)
    one = case.chosen()
    two = choose(case.covers, case.weight, case.budget, one_per=case.group, at_most=dict.fromkeys(range(12), 2))
    assert np.bincount(np.asarray(case.group)[two.chosen]).max() == 2
    assert two.covered > one.covered


@pytest.mark.parametrize("at_most", [1, 3, 4_000])
def test_one_group_of_thousands_is_no_burden(at_most: int) -> None:
    random = np.random.default_rng(8)
    covers = sparse.random_array((4_000, 300), density=0.01, rng=random, format="csr")
    group = np.zeros(4_000, dtype=int)
    found = choose(covers, np.ones(300), 10**6, one_per=group, at_most=at_most, time_limit_s=1.0)
    assert 0 < len(found.chosen) <= at_most
    assert found.bound >= found.covered > 0
    assert found.gains.sum() == found.covered


def test_what_is_covered_already_counts_no_more_and_twice_only_as_backup() -> None:
    covers, weight = np.array([[1, 1, 0], [0, 0, 1]]), np.array([5.0, 5.0, 3.0])
    already = np.array([True, True, False])
    assert choose(covers, weight, 1, covered_already=already).chosen.tolist() == [1]
    second = choose(covers, weight, 1, covered_already=already, backup=0.5)
    assert (second.chosen.tolist(), second.covered, second.bound) == ([0], 5.0, 5.0)


def test_what_is_forbidden_is_never_chosen() -> None:
    covers, weight = np.array([[1, 1, 1], [1, 1, 0], [0, 0, 1]]), np.ones(3)
    found = choose(covers, weight, 1, forbidden=np.array([True, False, False]))
    assert (found.chosen.tolist(), found.bound) == ([1], 2.0)


def test_alternatives_within_a_tolerance_are_all_different() -> None:
    case = some_town(5)
    found = case.chosen(alternatives=20, tolerance=0.02, time_limit_s=1.5)
    assert len(found.alternatives) == 20
    sets = {tuple(sorted(one.chosen)) for one in found.alternatives} | {tuple(sorted(found.chosen))}
    assert len(sets) == 21
    for one in found.alternatives:
        assert case.fits(one.chosen)
        assert case.value(one.chosen) == one.covered >= 0.98 * found.covered


def test_the_same_seed_chooses_the_same() -> None:
    case = some_town(6, candidates=60, demand=80, groups=12)
    assert case.chosen(seed=5).chosen.tolist() == case.chosen(seed=5).chosen.tolist()


def test_progress_is_told_and_work_ends_when_it_is_cancelled() -> None:
    case = some_town(7)
    told: list[Progress] = []
    found = case.chosen(time_limit_s=60.0, on_progress=told.append, is_cancelled=lambda: bool(told))
    assert found.ended is Ending.CANCELLED
    assert told
    assert 0 < told[0].covered <= found.covered <= found.bound <= told[0].bound
    assert case.fits(found.chosen)


TABLE = np.array([[1, 0], [1, 1]])
ODD: list[tuple[str, Callable[[], Siting]]] = [
    ("The budget is -1", lambda: choose(TABLE, [1, 1], -1)),
    ("The budget is nan", lambda: choose(TABLE, [1, 1], float("nan"))),
    ("The weight of demand point 1 is nan", lambda: choose(TABLE, [1, float("nan")], 1)),
    ("The weight of demand point 0 is -2", lambda: choose(TABLE, [-2, 1], 1)),
    ("The weight of demand point 0 is inf", lambda: choose(TABLE, [float("inf"), 1], 1)),
    (r"weight has the shape \(3,\)", lambda: choose(TABLE, [1, 1, 1], 1)),
    ("weight must hold numbers", lambda: choose(TABLE, ["a", "b"], 1)),
    (r"cost has the shape \(1,\)", lambda: choose(TABLE, [1, 1], 1, cost=[1])),
    ("The cost of candidate 1 is -1", lambda: choose(TABLE, [1, 1], 1, cost=[1, -1])),
    ("one_per must hold one whole number", lambda: choose(TABLE, [1, 1], 1, one_per=[1])),
    ("one_per must hold one whole number", lambda: choose(TABLE, [1, 1], 1, one_per=[0.5, 1])),
    ("at_most must be a whole number", lambda: choose(TABLE, [1, 1], 1, one_per=[0, 1], at_most=-1)),
    ("forbidden must say yes or no", lambda: choose(TABLE, [1, 1], 1, forbidden=np.array([True]))),
    ("covered_already must say yes or no", lambda: choose(TABLE, [1, 1], 1, covered_already=np.array([1, 0]))),
    ("backup is 2", lambda: choose(TABLE, [1, 1], 1, backup=2)),
    ("The time limit is 0", lambda: choose(TABLE, [1, 1], 1, time_limit_s=0)),
    ("covers must be a table", lambda: choose(np.array([1, 0]), [1, 1], 1)),
    ("covers must be a table", lambda: choose("poles", [1, 1], 1)),
]


@pytest.mark.parametrize(("said", "ask"), ODD, ids=[f"{n}" for n in range(len(ODD))])
def test_what_makes_no_problem_is_refused_in_a_sentence(said: str, ask: Callable[[], Siting]) -> None:
    with pytest.raises(BadSiting, match=said) as refused:
        ask()
    assert isinstance(refused.value, ValueError)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    ("covers", "weight", "budget", "covered", "chosen"),
    [
        (np.zeros((0, 3)), [1, 1, 1], 5, 0, 0),  # no candidates
        (np.zeros((3, 0)), [], 5, 0, 0),  # no demand
        (np.zeros((3, 2)), [1, 1], 5, 0, 0),  # nothing sees anything
        (TABLE, [1, 1], 0, 0, 0),
        (TABLE, [0, 0], 2, 0, 0),
        (TABLE, [1, 1], 10**9, 2, 1),  # a budget beyond all buys nothing needless
        (TABLE, [1, 1], float("inf"), 2, 1),
        (TABLE * -1.0, [1, 2.0**40], 1, 2.0**40 + 1, 1),
        (sparse.coo_array(([1, 1], ([0, 0], [1, 1])), shape=(1, 2)), [1, 4], 1, 4, 1),  # said twice
    ],
)
def test_odd_sizes_have_their_right_answer(
    covers: Any, weight: Any, budget: float, covered: float, chosen: int
) -> None:
    found = choose(covers, weight, budget)
    assert (found.covered, found.bound, len(found.chosen), found.gap) == (covered, covered, chosen, 0)
    assert found.ended is Ending.PROVED
