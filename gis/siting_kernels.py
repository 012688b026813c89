"""The loops of siting that must be fast: what a flip changes, the best candidate to add, and annealing.

A demand is worth `first` when something covers it and `second` more when two do; `second` never exceeds `first`.
The margin of a candidate is what adding it would bring, or, once it is chosen, what leaving it out would cost: the
two are equal at the moment of the flip, so one array serves both. Every flip keeps all margins exact (to rounding,
where worths are no whole numbers), and `block` keeps a ceiling for each stretch of candidates, so the best one is
found without looking at most of them. Candidates of a group lie side by side.
"""

from typing import NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from gis.compiled import compiled, part

Floats: TypeAlias = NDArray[np.float64]
Whole: TypeAlias = NDArray[np.int64]
Short: TypeAlias = NDArray[np.int32]
Flags: TypeAlias = NDArray[np.bool_]

BLOCK = 64
NONE = cast(int, np.int64(-1))  # a plain −1 would be a type of its own to the compiler
VALUE, LEFT, HELD, LEAST = 0, 1, 2, 3  # places in Choice.tally; a margin up to LEAST is rounding


class Covers(NamedTuple):
    """Candidates × demand both ways round, with worths, costs and groups; `rate` is one over the cost."""

    start: Whole
    demand: Short
    by_start: Whole
    by: Short
    first: Floats
    second: Floats
    cost: Floats
    rate: Floats
    group_of: Short
    group_start: Whole
    at_most: Whole


class Choice(NamedTuple):
    """A set of candidates under change: `owner` xors the chosen that cover a demand, `held` lists the chosen."""

    is_chosen: Flags
    times: Short
    owner: Short
    margin: Floats
    used: Whole
    block: Floats
    held: Whole
    slot: Whole
    tally: Floats
    seed: NDArray[np.uint64]


@compiled
def open_choice(at: Covers, choice: Choice) -> None:
    """Set the margins and ceilings of an empty choice."""
    for i in range(len(at.start) - 1):
        choice.margin[i] = 0.0
        for e in range(at.start[i], at.start[i + 1]):
            choice.margin[i] += at.first[at.demand[e]]
        choice.block[i // BLOCK] = max(choice.block[i // BLOCK], choice.margin[i] * at.rate[i])


@part
def _shift(j: int, but: int, by_others: float, by_chosen: float, at: Covers, choice: Choice) -> None:
    """Change the margins of all that cover a demand, chosen or not, but one."""
    for e in range(at.by_start[j], at.by_start[j + 1]):
        k = at.by[e]
        if k == but:
            continue
        change = by_chosen if choice.is_chosen[k] else by_others
        choice.margin[k] += change
        if change > 0.0:
            choice.block[k // BLOCK] = max(choice.block[k // BLOCK], choice.margin[k] * at.rate[k])


@part
def _turn(i: int, at: Covers, choice: Choice) -> None:
    """Count a candidate in, if it is chosen now, or out at every demand it covers."""
    sign = 1 if choice.is_chosen[i] else -1
    for e in range(at.start[i], at.start[i + 1]):
        j = at.demand[e]
        low = choice.times[j] - (1 if sign < 0 else 0)
        choice.times[j] += sign
        others = choice.owner[j] ^ i if sign < 0 else choice.owner[j]
        choice.owner[j] ^= i
        second = at.second[j]
        drop = at.first[j] - second
        if low == 0:
            _shift(j, i, -sign * drop, 0.0, at, choice)
        elif low == 1 and second == 0.0:
            choice.margin[others] -= sign * drop
        elif low == 1:
            _shift(j, i, -sign * second, -sign * drop, at, choice)
        elif low == 2 and second > 0.0:
            _shift(j, i, 0.0, -sign * second, at, choice)


@part
def _add(i: int, at: Covers, choice: Choice) -> None:
    """Choose a candidate."""
    choice.tally[VALUE] += choice.margin[i]
    choice.tally[LEFT] -= at.cost[i]
    choice.used[at.group_of[i]] += 1
    choice.is_chosen[i] = True
    place = int(choice.tally[HELD])
    choice.held[place], choice.slot[i] = i, place
    choice.tally[HELD] = place + 1
    _turn(i, at, choice)


@part
def _remove(i: int, at: Covers, choice: Choice) -> None:
    """Leave a chosen candidate out again."""
    choice.tally[VALUE] -= choice.margin[i]
    choice.tally[LEFT] += at.cost[i]
    group = at.group_of[i]
    choice.used[group] -= 1
    choice.is_chosen[i] = False
    last = int(choice.tally[HELD]) - 1
    moved, place = choice.held[last], choice.slot[i]
    choice.held[place], choice.slot[moved] = moved, place
    choice.tally[HELD] = last
    _turn(i, at, choice)
    # Its whole group may be chosen from again, which the ceilings had left out.
    for k in range(at.group_start[group], at.group_start[group + 1]):
        choice.block[k // BLOCK] = max(choice.block[k // BLOCK], choice.margin[k] * at.rate[k])


@compiled
def flip(i: int, at: Covers, choice: Choice) -> None:
    """Choose a candidate, or leave it out again if it is chosen."""
    if choice.is_chosen[i]:
        _remove(i, at, choice)
    else:
        _add(i, at, choice)


@part
def _chance(seed: NDArray[np.uint64]) -> float:
    """Return the next number of 0 to 1 (xorshift64*, Vigna 2016)."""
    x = seed[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    seed[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@part
def _look(b: int, barred: int, top: float, at: Covers, choice: Choice) -> int:
    """Return the best candidate of a block above `top` that fits, and lower the ceiling of the block."""
    found, high = NONE, 0.0
    for k in range(b * BLOCK, min((b + 1) * BLOCK, len(choice.margin))):
        group = at.group_of[k]
        if choice.is_chosen[k] or choice.used[group] >= at.at_most[group]:
            continue
        score = choice.margin[k] * at.rate[k]
        high = max(high, score)
        fits = at.cost[k] <= choice.tally[LEFT] and choice.margin[k] > choice.tally[LEAST]
        if score > top and k != barred and fits:
            found, top = k, score
    choice.block[b] = high
    return found


@part
def _best(barred: int, at: Covers, choice: Choice) -> int:
    """Return the candidate that brings most for its cost, or NONE when nothing fits or brings anything."""
    found, top = NONE, 0.0
    for b in range(len(choice.block)):
        if choice.block[b] > top:
            k = _look(b, barred, top, at, choice)
            if k != NONE:
                found, top = k, choice.margin[k] * at.rate[k]
    return found


@part
def _near(i: int, at: Covers, choice: Choice) -> int:
    """Return another chosen candidate that shares a rival with a chosen one, or any chosen one."""
    for _ in range(6):
        if at.start[i + 1] == at.start[i]:
            break
        e = at.start[i] + int(_chance(choice.seed) * (at.start[i + 1] - at.start[i]))
        j = at.demand[e]
        k = at.by[at.by_start[j] + int(_chance(choice.seed) * (at.by_start[j + 1] - at.by_start[j]))]
        e = at.start[k] + int(_chance(choice.seed) * (at.start[k + 1] - at.start[k]))
        j = at.demand[e]
        if choice.times[j] == 1 and choice.owner[j] != i:
            return int(choice.owner[j])
    return int(choice.held[int(_chance(choice.seed) * choice.tally[HELD])])


@part
def _ruin(log: Whole, at: Covers, choice: Choice) -> int:
    """Take out one to four chosen candidates that lie near each other; log them and return how many."""
    i = int(choice.held[int(_chance(choice.seed) * choice.tally[HELD])])
    draw = _chance(choice.seed)
    wanted = 1 + int(draw > 0.5) + int(draw > 0.8) + int(draw > 0.93)
    log[0] = i
    _remove(i, at, choice)
    out = 1
    while out < wanted and choice.tally[HELD] > 0:
        k = _near(i, at, choice)
        log[out] = k
        _remove(k, at, choice)
        out += 1
    return out


@part
def _rebuild(out: int, least: float, log: Whole, at: Covers, choice: Choice) -> int:
    """Add the best candidates again, now and then not the first that was taken out; return the length of the log.

    One that was taken out alone is not replaced where the value would fall below `least`.
    """
    barred = log[0] if out == 1 or _chance(choice.seed) < 0.5 else NONE
    made = out
    while made < len(log):
        k = _best(barred, at, choice)
        if k == NONE or (out == 1 and made == 1 and choice.tally[VALUE] + choice.margin[k] < least):
            break
        # A short look away lets the second best have its turn.
        if out > 1 and _chance(choice.seed) < 0.05:
            other = _best(k, at, choice)
            k = other if other != NONE else k
        log[made] = k
        _add(k, at, choice)
        made += 1
    return made


@part
def _undo(out: int, made: int, log: Whole, at: Covers, choice: Choice) -> None:
    for n in range(made - 1, out - 1, -1):
        _remove(log[n], at, choice)
    for n in range(out - 1, -1, -1):
        _add(log[n], at, choice)


@compiled
def search(at: Covers, choice: Choice, log: Whole, kept: Flags, top: float, warmth: float, steps: int) -> float:
    """Fill a choice up, then take some out, add the best, and keep what is better or, by chance, little worse.

    `warmth` is the loss accepted with probability 1/e. `kept` receives the best choice where it exceeds `top`, `log`
    has room for the flips of one step. Returns the best value.
    """
    k = _best(NONE, at, choice)
    while k != NONE:
        _add(k, at, choice)
        k = _best(NONE, at, choice)
    top = _keep(choice, kept, top)
    for _ in range(steps):
        if choice.tally[HELD] < 1:
            break
        least = choice.tally[VALUE] + warmth * np.log(_chance(choice.seed) + 1e-300)
        out = _ruin(log, at, choice)
        made = _rebuild(out, least, log, at, choice)
        if choice.tally[VALUE] < least:
            _undo(out, made, log, at, choice)
        else:
            top = _keep(choice, kept, top)
    return top


@part
def _keep(choice: Choice, kept: Flags, top: float) -> float:
    """Keep a choice that is better than `top`; return the better value."""
    if choice.tally[VALUE] <= top * (1 + 1e-12):
        return top
    for i in range(len(kept)):
        kept[i] = choice.is_chosen[i]
    return float(choice.tally[VALUE])
