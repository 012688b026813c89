"""The proof: no choice is worth more than this.

Each demand gets a multiplier between 0 and its worth; candidates are then worth the multipliers of what they cover,
and the best set of them under groups and budget, plus what the multipliers leave, bounds every choice (Lagrangian
relaxation of covering, whose best bound is that of the linear program). The multipliers are improved by the volume
algorithm (Barahona and Anbil 2000), which steps along an average of the subgradients seen. A candidate whose being
forced in, or out, takes the bound below the best choice known is decided.
"""

from dataclasses import dataclass

import numpy as np

from gis.siting_kernels import Flags, Floats
from gis.siting_prices import relax, slacks
from gis.siting_problem import Problem
from gis.siting_search import Clock

# Sums of a million doubles are off by less than this share of the whole.
ROUNDING = 1e-10
_PATIENCE = 6
_SHORTEST_STEP = 1e-4


@dataclass(slots=True, kw_only=True)
class Dual:
    """The best multipliers so far, their bound (base included), price of cost and worths, and the mean cover."""

    multiplier: Floats
    bound: float
    cost_price: float
    mean: Floats
    worth: Floats
    step: float = 1.0
    weight: float = 0.4
    failed: int = 0

    @property
    def is_still(self) -> bool:
        """Whether its steps have become too short to matter."""
        return self.step < _SHORTEST_STEP


def begun(problem: Problem, count: Floats) -> Dual:
    """Return first multipliers: the worth of each demand, shared by the `count` that cover it in a good choice."""
    multiplier = problem.at.first / np.maximum(1.0, count)
    bound, price_of_cost, cover, worth = _relaxed(problem, multiplier, 0.0)
    return Dual(multiplier=multiplier, bound=bound, cost_price=price_of_cost, mean=cover, worth=worth)


def carried(problem: Problem, dual: Dual, multiplier: Floats) -> Dual:
    """Return a dual for a smaller problem that starts from multipliers given for its demand."""
    multiplier = np.clip(multiplier, 0.0, problem.at.first)
    bound, price_of_cost, cover, worth = _relaxed(problem, multiplier, dual.cost_price)
    return Dual(multiplier=multiplier, bound=bound, cost_price=price_of_cost, mean=cover, worth=worth, step=dual.step)


def improve(problem: Problem, dual: Dual, *, value: float, clock: Clock, most_rounds: int) -> None:
    """Lower the bound in place until the clock or the rounds are over, or it meets the value or stands still."""
    for _ in range(most_rounds):
        if clock.is_over or _meets(problem, dual.bound, value) or dual.is_still:
            return
        if not _stepped(problem, dual, value):
            return


def outward(problem: Problem, bound: float) -> float:
    """Return a bound that holds in spite of rounding, down to the next worth a choice can have."""
    total = problem.total
    bound += ROUNDING * total
    if problem.unit <= 0:
        return min(bound, total * (1 + ROUNDING))
    return min(float(np.floor(bound / problem.unit)) * problem.unit, total)


def undecided(problem: Problem, dual: Dual, value: float) -> tuple[Flags, Flags, Floats]:
    """Return which candidates every better choice holds, which none holds, and how far each is from being picked."""
    into, out_of = np.empty_like(dual.worth), np.empty_like(dual.worth)
    slacks(problem.at, dual.worth, dual.cost_price, into, out_of)
    # A better choice is worth at least a unit more, or, without units, anything more.
    spare = dual.bound + ROUNDING * problem.total - value - problem.unit * (1 - 1e-9)
    return (out_of > 0) & (out_of > spare), (into > 0) & (into > spare), into


def _meets(problem: Problem, bound: float, value: float) -> bool:
    return outward(problem, bound) <= value + ROUNDING * problem.total


def _relaxed(problem: Problem, multiplier: Floats, guess: float) -> tuple[float, float, Floats, Floats]:
    """Return the bound of some multipliers, the price of cost, how often each demand is covered, and what rows pay."""
    at = problem.at
    worth, picked = np.empty(len(problem.number)), np.zeros(len(problem.number), dtype=np.bool_)
    count = np.empty(len(at.first), dtype=np.int32)
    price_of_cost, paid = relax(at, problem.budget, multiplier, guess, worth, picked, count)
    left = np.sum(at.first - multiplier) + np.sum(np.maximum(at.second - multiplier, 0.0))
    return problem.base + paid + float(left), price_of_cost, count.astype(np.float64), worth


def _slope(problem: Problem, multiplier: Floats, cover: Floats) -> Floats:
    """Return how the bound grows with each multiplier, 0 where its limits stop it."""
    at = problem.at
    wanted = 1.0 + (at.second > multiplier)
    slope = cover - wanted
    stopped = ((multiplier <= 0) & (slope > 0)) | ((multiplier >= at.first) & (slope < 0))
    return np.where(stopped, 0.0, slope)


def _stepped(problem: Problem, dual: Dual, value: float) -> bool:
    """Take one step; return False when there is no way down."""
    slope = _slope(problem, dual.multiplier, dual.mean)
    size = float(np.sum(slope * slope * problem.at.first))
    if size <= 1e-18:
        return False
    length = dual.step * (dual.bound - value) / size
    trial = np.clip(dual.multiplier - length * problem.at.first * slope, 0.0, problem.at.first)
    bound, price_of_cost, cover, worth = _relaxed(problem, trial, dual.cost_price)
    dual.mean = dual.weight * cover + (1 - dual.weight) * dual.mean
    if bound < dual.bound:
        agrees = float(np.sum(slope * _slope(problem, trial, cover) * problem.at.first)) > 0
        dual.multiplier, dual.bound, dual.cost_price, dual.worth = trial, bound, price_of_cost, worth
        dual.step, dual.failed = min(2.0, dual.step * (1.1 if agrees else 1.0)), 0
        return True
    dual.failed += 1
    if dual.failed >= _PATIENCE:
        dual.step, dual.failed = dual.step * 0.66, 0
        dual.weight = max(0.02, dual.weight * 0.9)
    return True
