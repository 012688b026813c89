"""Where the next cameras go: the candidates that cover most weighted demand, with a proof of how good they are.

A candidate is a pose at a place; demand is what should be seen. At most one candidate of a group (a pole) is chosen,
or as many as `at_most` says, and all of them together cost no more than the budget. A good choice is found by adding
the best again and again and by annealing (gis/siting_search.py), a bound that no choice can pass by Lagrangian
relaxation (gis/siting_bound.py); what the two leave open, usually few candidates, goes to HiGHS (gis/siting_exact.py).
Whatever ends the work, the clock or the asker, both are valid: the optimum lies between `covered` and `bound`.

- `one_per` holds a group number for each candidate, negative for none; `at_most` may be chosen of each group, a number,
  or one by group, 1 where the table has none.
- `forbidden` candidates are never chosen; points in `covered_already` are worth nothing new.
- With `backup`, a point seen by two counts that share of its weight again.
- The time limit counts from when the loops are compiled, which takes long in the first process of an installation
  only. `is_cancelled` is asked often, and the best so far is returned.
- The same `seed` takes the same way; how far it gets in the time is the machine's doing.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis import siting_bound, siting_exact
from gis.siting_problem import BadSiting, Limits, Problem, decided, merged, read, restricted
from gis.siting_search import Clock, greedy, in_order, searched, swaps, value

__all__ = ["Alternative", "BadSiting", "Ending", "Progress", "Siting", "choose"]

Numbers = NDArray[np.intp]
_TOLD_EVERY_S = 0.2
_SHARE_BEFORE_ALTERNATIVES = 0.8
_ROUNDS = 400
_STEPS_A_CAMERA = 400
_ENTRIES_A_SECOND = 15_000
_SMALL_ENTRIES = 20_000
_CORE = 2_000
_CORE_A_CAMERA = 12


class Ending(StrEnum):
    """Why the work ended."""

    PROVED = "proved"  # nothing is better
    TIME = "time"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What is known so far: the worth of the best choice, the bound, and the seconds since the start."""

    covered: float
    bound: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another choice of (nearly) the same worth."""

    chosen: Numbers
    covered: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Siting:
    """The candidates chosen, in the order in which each adds most, and what each adds to those before it (`gains`).

    `covered` is their worth, `bound` what no choice can exceed; what was covered already counts in neither.
    """

    chosen: Numbers
    covered: float
    bound: float
    gains: NDArray[np.float64]
    cost: float
    ended: Ending
    seconds: float
    alternatives: tuple[Alternative, ...] = ()

    @property
    def gap(self) -> float:
        """The share of the bound that might still be missing; 0 is proved optimal."""
        return (self.bound - self.covered) / self.bound if self.bound > 0 else 0.0

    @property
    def is_proved(self) -> bool:
        """Whether no choice is better; with weights that are no whole numbers, by more than two millionths of all."""
        return self.ended is Ending.PROVED


def choose(
    covers: Any,
    weight: ArrayLike,
    budget: float,
    *,
    one_per: ArrayLike | None = None,
    cost: ArrayLike | None = None,
    time_limit_s: float = 10.0,
    at_most: int | Mapping[int, int] = 1,
    forbidden: ArrayLike | None = None,
    covered_already: ArrayLike | None = None,
    backup: float = 0.0,
    alternatives: int = 0,
    tolerance: float = 0.0,
    seed: int = 1,
    on_progress: Callable[[Progress], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> Siting:
    """Choose the candidates that cover most, within a number or, with `cost`, a sum; see the module for the details.

    `covers` is a table (scipy CSR), candidates × demand points, non-zero where covered; `weight` is what each point is
    worth, `one_per` the group of each candidate. Up to `alternatives` other choices worth at least (1 − tolerance) as
    much are looked for. Raises BadSiting.
    """
    _make_ready()
    began = time.monotonic()
    problem = read(covers, weight, budget, Limits(one_per, cost, at_most, forbidden, covered_already, backup))
    if not time_limit_s > 0:
        raise BadSiting(f"The time limit is {time_limit_s} seconds. It must be more than 0.")
    work = _Work(problem=problem, began=began, seed=seed, on_progress=on_progress, is_cancelled=is_cancelled)
    clock = Clock(ends=began + time_limit_s, is_cancelled=work.look)
    if len(problem.number):
        _solve(work, clock.part(_SHARE_BEFORE_ALTERNATIVES if alternatives else 1.0))
    return _told(work, _alternatives(work, clock, most=alternatives, tolerance=tolerance))


@cache
def _make_ready() -> None:
    """Compile the loops, or read them where an earlier process has compiled them."""
    nothing = read(np.eye(2), [1, 2], 1, Limits())
    dual = siting_bound.begun(nothing, np.zeros(2))
    siting_bound.undecided(nothing, dual, 0.0)
    searched(nothing, greedy(nothing), clock=Clock(ends=np.inf), seed=1, most_steps=1, goal=np.inf)
    in_order(nothing, greedy(nothing))


@dataclass(slots=True, kw_only=True)
class _Work:
    """The best choice and bound so far, and who is told of them."""

    problem: Problem
    began: float
    seed: int
    on_progress: Callable[[Progress], None] | None
    is_cancelled: Callable[[], bool] | None
    numbers: Numbers = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    value: float = 0.0
    bound: float = 0.0
    told_at: float = 0.0
    was_cancelled: bool = False

    @property
    def is_proved(self) -> bool:
        # Worths that are no multiples of a unit are proved as far as HiGHS is exact.
        near = siting_bound.ROUNDING if self.problem.unit > 0 else 2 * siting_exact.TOLERANCE
        return self.bound <= self.value + near * self.problem.total

    @property
    def ending(self) -> Ending:
        if self.is_proved:
            return Ending.PROVED
        return Ending.CANCELLED if self.was_cancelled else Ending.TIME

    def look(self) -> bool:
        """Tell how far it is, now and then, and ask whether to stop."""
        now = time.monotonic()
        if self.on_progress and now - self.told_at > _TOLD_EVERY_S:
            self.told_at = now
            bound = max(self.value, self.bound)
            self.on_progress(Progress(covered=self.value, bound=bound, seconds=now - self.began))
        self.was_cancelled = self.was_cancelled or (self.is_cancelled is not None and self.is_cancelled())
        return self.was_cancelled

    def offer(self, numbers: Numbers) -> bool:
        """Keep a choice if it is better."""
        worth = value(self.problem, _rows(self.problem, numbers))
        if worth <= self.value:
            return False
        self.numbers, self.value = np.sort(numbers), worth
        return True

    def prove(self, bound: float) -> None:
        """Keep a bound on every choice that is better than the best one, if it is lower."""
        self.bound = min(self.bound, max(self.value, bound))


def _told(work: _Work, others: tuple[Alternative, ...]) -> Siting:
    problem = work.problem
    order, gains = in_order(problem, _rows(problem, work.numbers))
    return Siting(
        chosen=problem.number[order],
        covered=work.value,
        bound=max(work.value, work.bound),
        gains=gains,
        cost=float(np.sum(problem.at.cost[order])),
        ended=work.ending,
        seconds=time.monotonic() - work.began,
        alternatives=others,
    )


def _rows(problem: Problem, numbers: Numbers) -> Numbers:
    """Return the rows of those numbers that the problem still has."""
    return np.flatnonzero(np.isin(problem.number, numbers))


def _solve(work: _Work, clock: Clock) -> None:
    """Find and prove in turns, on what is still open, until little enough is open for HiGHS, or the clock ends it."""
    small, dual = _started(work)
    for turn in range(1_000):
        siting_bound.improve(small, dual, value=work.value, clock=clock.part(0.3), most_rounds=_ROUNDS)
        small, dual, near = _shrunk(work, small, dual)
        if work.is_proved or clock.is_over:
            return
        share = 1.0 if turn > 1 and dual.is_still and not _fits(small, clock) else 0.2
        _search(work, near, clock.part(share), seed=work.seed + turn)
        small, dual, near = _shrunk(work, small, dual)
        if work.is_proved or clock.is_over:
            return
        if _fits(small, clock):
            return _finish(work, small, clock)


def _fits(small: Problem, clock: Clock) -> bool:
    """Say whether HiGHS can be expected to come to an end in the time that is left."""
    return siting_exact.size(small) <= _SMALL_ENTRIES + _ENTRIES_A_SECOND * clock.left_s


def _started(work: _Work) -> tuple[Problem, siting_bound.Dual]:
    problem = work.problem
    work.bound = siting_bound.outward(problem, problem.total)
    rows = greedy(problem)
    work.offer(problem.number[rows])
    count = np.asarray(problem.matrix[rows].sum(axis=0, dtype=np.int64)).ravel()
    dual = siting_bound.begun(problem, count.astype(np.float64))
    work.prove(siting_bound.outward(problem, dual.bound))
    return problem, dual


def _shrunk(work: _Work, small: Problem, dual: siting_bound.Dual) -> tuple[Problem, siting_bound.Dual, Numbers]:
    """Return the problem without what is decided, its dual, and the numbers nearest to being picked, nearest first."""
    work.prove(siting_bound.outward(small, dual.bound))
    chosen, dropped, distance = siting_bound.undecided(small, dual, work.value)
    near = small.number[np.argsort(distance, kind="stable")]
    near = np.concatenate([small.sure, near[~np.isin(near, small.number[dropped])]])
    if np.any(chosen) or np.mean(dropped) > 0.05:
        small = decided(small, chosen=chosen, dropped=dropped)
        dual = siting_bound.carried(small, dual, dual.multiplier)
        work.prove(siting_bound.outward(small, dual.bound))
    return small, dual, near


def _search(work: _Work, near: Numbers, clock: Clock, *, seed: int) -> None:
    """Anneal among the candidates nearest to being picked."""
    most = max(_CORE, _CORE_A_CAMERA * len(work.numbers))
    keep = np.isin(work.problem.number, near[:most]) | np.isin(work.problem.number, work.numbers)
    core = merged(restricted(work.problem, keep))
    steps = _STEPS_A_CAMERA * (len(work.numbers) + 1)
    rows = searched(core, _rows(core, work.numbers), clock=clock, seed=seed, most_steps=steps, goal=work.bound)
    work.offer(core.number[rows])


def _finish(work: _Work, small: Problem, clock: Clock) -> None:
    solved = siting_exact.solve(small, start=_rows(small, work.numbers), clock=clock, seed=work.seed)
    if solved.numbers is not None:
        work.offer(solved.numbers)
    work.prove(solved.bound)


def _alternatives(work: _Work, clock: Clock, *, most: int, tolerance: float) -> tuple[Alternative, ...]:
    """Return other sets of nearly the same worth, those one swap away first, then two, and so on."""
    problem, found = work.problem, {tuple(work.numbers): work.value}
    least = work.value * (1 - tolerance) - siting_bound.ROUNDING * problem.total
    queue = [work.numbers]
    for base in queue:
        if len(found) > most or clock.is_over:
            break
        for rows in swaps(problem, _rows(problem, base), least=least - problem.base, clock=clock):
            numbers = np.sort(problem.number[rows])
            if tuple(numbers) not in found and len(found) <= most:
                found[tuple(numbers)] = value(problem, rows)
                queue.append(numbers)
    others = sorted(list(found.items())[1:], key=lambda one: -one[1])
    return tuple(Alternative(chosen=np.array(one, dtype=np.intp), covered=worth) for one, worth in others)
