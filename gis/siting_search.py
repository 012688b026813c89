"""Good choices, fast: the best candidate again and again, then taking some out and adding the best ones anew."""

import heapq
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.siting_kernels import (
    BLOCK,
    HELD,
    LEAST,
    LEFT,
    VALUE,
    Choice,
    Flags,
    flip,
    open_choice,
    search,
)
from gis.siting_problem import Problem

_CHUNK_S = 0.04
_FIRST_STEPS = 64
_MOST_FLIPS = 256
_WARMEST, _COOLEST = 0.1, 0.002


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """When to stop: at a time of the monotonic clock, or as soon as the asker says so."""

    ends: float
    is_cancelled: Callable[[], bool] = lambda: False

    @property
    def left_s(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self.ends - time.monotonic())

    @property
    def is_over(self) -> bool:
        """Whether to stop now."""
        return self.left_s <= 0 or self.is_cancelled()

    def part(self, share: float) -> "Clock":
        """Return a clock that ends after a share of what is left."""
        return Clock(ends=time.monotonic() + share * self.left_s, is_cancelled=self.is_cancelled)


def opened(problem: Problem, *, seed: int) -> Choice:
    """Return the empty choice of a problem."""
    candidates, demand = len(problem.number), len(problem.at.first)
    choice = Choice(
        is_chosen=np.zeros(candidates, dtype=np.bool_),
        times=np.zeros(demand, dtype=np.int32),
        owner=np.zeros(demand, dtype=np.int32),
        margin=np.zeros(candidates),
        used=np.zeros(len(problem.at.at_most), dtype=np.int64),
        block=np.zeros(-(-candidates // BLOCK)),
        held=np.zeros(candidates, dtype=np.int64),
        slot=np.zeros(candidates, dtype=np.int64),
        tally=np.zeros(4),
        seed=np.array([seed * 2_654_435_761 + 88_172_645_463_325_252], dtype=np.uint64),
    )
    choice.tally[LEFT] = problem.budget
    choice.tally[LEAST] = 1e-13 * (problem.total - problem.base)
    open_choice(problem.at, choice)
    return choice


def greedy(problem: Problem) -> NDArray[np.intp]:
    """Return rows chosen one by one, always the one that brings most for its cost, or most of all if that is better."""
    by_rate = _filled(problem)
    if np.all(problem.at.cost == 1.0):
        return by_rate[1]
    plain = _filled(problem, rate=np.ones_like(problem.at.rate))
    return max(by_rate, plain, key=lambda one: one[0])[1]


def searched(
    problem: Problem, start: NDArray[np.intp], *, clock: Clock, seed: int, most_steps: int, goal: float
) -> NDArray[np.intp]:
    """Return the best rows found from a start by annealing, until the clock, the steps or the goal are reached.

    The same seed takes the same steps; how many are taken in the time is the machine's doing.
    """
    choice = opened(problem, seed=seed)
    for row in start:
        flip(int(row), problem.at, choice)
    kept, log = choice.is_chosen.copy(), np.empty(_MOST_FLIPS, dtype=np.int64)
    top = search(problem.at, choice, log, kept, float(choice.tally[VALUE]), 0.0, 0)
    typical = top / max(1.0, float(choice.tally[HELD]))
    took_s, steps, done, began, whole_s = _CHUNK_S, _FIRST_STEPS, 0, time.monotonic(), clock.left_s
    while done < most_steps and not clock.is_over and top + problem.base < goal:
        share = max(done / most_steps, (time.monotonic() - began) / whole_s)
        warmth = typical * _WARMEST * (_COOLEST / _WARMEST) ** share
        since = time.monotonic()
        top = search(problem.at, choice, log, kept, top, warmth, min(steps, most_steps - done))
        done, took_s = done + steps, time.monotonic() - since
        steps = max(1, int(steps * min(4.0, _CHUNK_S / max(took_s, 1e-6))))
    return np.flatnonzero(kept)


def value(problem: Problem, rows: NDArray[np.intp]) -> float:
    """Return what some rows are worth together, with what is sure."""
    count = np.asarray(problem.matrix[rows].sum(axis=0, dtype=np.int64)).ravel()
    at = problem.at
    return problem.base + float(np.sum(at.first[count >= 1]) + np.sum(at.second[count >= 2]))


def in_order(problem: Problem, rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return rows in greedy order, each with what it adds to those before it."""
    choice = opened(problem, seed=1)
    heap = [(-float(choice.margin[row]), int(row)) for row in rows]
    heapq.heapify(heap)
    order, gains = [], []
    while heap:
        ceiling, row = heapq.heappop(heap)
        gain = float(choice.margin[row])
        # Gains only fall, so one that has not fallen since is the largest.
        if -gain > ceiling:
            heapq.heappush(heap, (-gain, row))
            continue
        order.append(row)
        gains.append(gain)
        flip(row, problem.at, choice)
    return np.array(order, dtype=np.intp), np.array(gains)


def swaps(problem: Problem, rows: NDArray[np.intp], *, least: float, clock: Clock) -> Iterator[NDArray[np.intp]]:
    """Yield the sets that differ from some rows in one candidate and are worth at least `least` (base apart)."""
    at, choice = problem.at, opened(problem, seed=1)
    for row in rows:
        flip(int(row), at, choice)
    for row in rows:
        if clock.is_over:
            return
        flip(int(row), at, choice)
        fits: Flags = ~choice.is_chosen & (choice.used[at.group_of] < at.at_most[at.group_of])
        fits &= (at.cost <= choice.tally[LEFT]) & (choice.tally[VALUE] + choice.margin >= least)
        fits[row] = False
        for other in np.flatnonzero(fits):
            yield np.sort(np.append(rows[rows != row], other))
        flip(int(row), at, choice)


def _filled(problem: Problem, *, rate: NDArray[np.float64] | None = None) -> tuple[float, NDArray[np.intp]]:
    at = problem.at if rate is None else problem.at._replace(rate=rate)
    choice = opened(problem, seed=1)
    if rate is not None:
        choice.block[:] = 0.0
        open_choice(at, choice)
    log, kept = np.empty(_MOST_FLIPS, dtype=np.int64), choice.is_chosen.copy()
    return search(at, choice, log, kept, 0.0, 0.0, 0), np.flatnonzero(kept)
