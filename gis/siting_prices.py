"""The loops of the bound: what candidates are worth at given multipliers, which fit the budget, which are decided."""

import numpy as np

from gis.compiled import compiled, part
from gis.siting_kernels import NONE, Covers, Flags, Floats, Short

_NEARLY = 1e-7
_FREE = 1e-12


@part
def _price(at: Covers, multiplier: Floats, worth: Floats) -> None:
    """Set the worth of each candidate: the multipliers of the demand it covers."""
    for i in range(len(worth)):
        total = 0.0
        for e in range(at.start[i], at.start[i + 1]):
            total += multiplier[at.demand[e]]
        worth[i] = total


@part
def _pick(group: int, price_of_cost: float, worth: Floats, at: Covers, picked: Flags) -> tuple[float, float]:
    """Pick what pays most in a group; return what it pays above its price, and what it costs."""
    low, high = at.group_start[group], at.group_start[group + 1]
    for i in range(low, high):
        picked[i] = False
    paid = spent = 0.0
    for _ in range(min(at.at_most[group], high - low)):
        found, top = NONE, 0.0
        for i in range(low, high):
            pays = worth[i] - price_of_cost * at.cost[i]
            if pays > top and not picked[i]:
                found, top = i, pays
        if found == NONE:
            break
        picked[found] = True
        paid += top
        spent += at.cost[found]
    return paid, spent


@part
def _survey(at: Covers, worth: Floats, price_of_cost: float, picked: Flags) -> tuple[float, float]:
    """Pick what pays in every group at a price per cost; return what it pays above the price, and what it costs."""
    paid = spent = 0.0
    for group in range(len(at.at_most)):
        more, cost = _pick(group, price_of_cost, worth, at, picked)
        paid += more
        spent += cost
    return paid, spent


@part
def _settle(at: Covers, budget: float, worth: Floats, guess: float, picked: Flags) -> float:
    """Return the lowest price of cost at which what pays in each group fits the budget, to a hair."""
    low, high, trial, wide = 0.0, np.inf, max(guess, _FREE), 1.02
    while high > _FREE and (high == np.inf or high - low > _NEARLY * high):
        if _survey(at, worth, trial, picked)[1] > budget:
            low = trial
        else:
            high = trial
        if low == 0.0 or high == np.inf:
            trial, wide = (high / wide if low == 0.0 else low * wide), wide * wide
        else:
            trial = (low + high) / 2
    return high if high > _FREE else 0.0


@part
def _top_up(at: Covers, worth: Floats, price_of_cost: float, left: float, picked: Flags) -> None:
    """Pick more of what pays at a price as long as budget and groups have room."""
    for group in range(len(at.at_most)):
        low, high = at.group_start[group], at.group_start[group + 1]
        room = at.at_most[group]
        for i in range(low, high):
            room -= picked[i]
        for i in range(low, high):
            if room > 0 and not picked[i] and worth[i] > price_of_cost * at.cost[i] and at.cost[i] <= left:
                picked[i] = True
                room -= 1
                left -= at.cost[i]


@part
def _counts(at: Covers, picked: Flags, count: Short) -> None:
    """Count how many picked candidates cover each demand."""
    for j in range(len(count)):
        count[j] = 0
    for i in range(len(picked)):
        if picked[i]:
            for e in range(at.start[i], at.start[i + 1]):
                count[at.demand[e]] += 1


@compiled
def relax(
    at: Covers, budget: float, multiplier: Floats, guess: float, worth: Floats, picked: Flags, count: Short
) -> tuple[float, float]:
    """Price the candidates and pick the best set that fits; return the price of cost and the bound of what they pay.

    `worth`, `picked` and `count`, how often each demand is covered by the picks, are set.
    """
    _price(at, multiplier, worth)
    price_of_cost = _settle(at, budget, worth, guess, picked)
    paid, spent = _survey(at, worth, price_of_cost, picked)
    _top_up(at, worth, price_of_cost * (1 - 2 * _NEARLY), budget - spent, picked)
    _counts(at, picked, count)
    return price_of_cost, paid + (price_of_cost * budget if price_of_cost > 0.0 else 0.0)


@part
def _kth(k: int, low: int, high: int, price_of_cost: float, at: Covers, worth: Floats) -> float:
    """Return the k-th largest pay of the candidates low to high, 0 where fewer pay anything."""
    level, seen = np.inf, 0
    while seen < k:
        top, ties = 0.0, 0
        for i in range(low, high):
            mine = worth[i] - price_of_cost * at.cost[i]
            if mine < level and mine > top:
                top, ties = mine, 1
            elif mine < level and mine == top:
                ties += 1
        if ties == 0:
            return 0.0
        level, seen = top, seen + ties
    return level


@compiled
def slacks(at: Covers, worth: Floats, price_of_cost: float, into: Floats, out_of: Floats) -> None:
    """Set by how much the bound falls when a candidate is forced in, and when it is forced out."""
    for group in range(len(at.at_most)):
        low, high, most = at.group_start[group], at.group_start[group + 1], at.at_most[group]
        last = _kth(most, low, high, price_of_cost, at, worth)
        after = _kth(most + 1, low, high, price_of_cost, at, worth)
        for i in range(low, high):
            mine = worth[i] - price_of_cost * at.cost[i]
            into[i] = max(0.0, last - mine)
            out_of[i] = max(0.0, mine - after) if mine > 0.0 and mine >= last else 0.0
