"""Made-up lives of cameras: outages, blips, flapping, slow and lossy links. The same seed makes the same life.

An outage lasts five minutes or more, everything else is over within one: nothing lies between, so that no limit of
ours decides what counts as an outage.
"""

import random
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

DAY_S = 86_400.0
LONGEST_BLIP_S = 60.0
SHORTEST_OUTAGE_S = 300.0

Spell = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One camera over `seconds`: when it is truly out, when it does not answer at all, and when looks get lost."""

    seed: int
    seconds: float
    outages: tuple[Spell, ...]
    silences: tuple[Spell, ...]
    lossy: tuple[tuple[float, float, float], ...]

    def answers(self, at: float) -> bool:
        """Say whether a look at this second is answered; every policy that looks then gets the same answer."""
        if _covers(self.silences, at):
            return False
        place = bisect_right(self.lossy, (at, self.seconds, 1.0)) - 1
        if place < 0 or at >= self.lossy[place][1]:
            return True
        return _chance(self.seed, at) >= self.lossy[place][2]

    def is_out(self, at: float) -> bool:
        """Say whether the camera is truly out at this second."""
        return _covers(self.outages, at)


def make(seed: int, *, seconds: float = DAY_S) -> Trace:
    """Return the life of one camera; rates are per day and the same for every seed."""
    dice = random.Random(seed)
    days = seconds / DAY_S
    outages = _merged(_spells(dice, 0.7 * days, seconds, lambda: SHORTEST_OUTAGE_S + dice.lognormvariate(6.8, 1.0)))
    blips = _spells(dice, 5.0 * days, seconds, lambda: min(LONGEST_BLIP_S, dice.lognormvariate(2.1, 0.9)))
    flaps = _spells(dice, 0.3 * days, seconds, lambda: dice.uniform(300, 2400))
    slow = _spells(dice, 0.4 * days, seconds, lambda: dice.uniform(600, 3600))
    lossy = _merged(_spells(dice, 0.5 * days, seconds, lambda: dice.uniform(900, 5400)))
    downs = [spell for flap in flaps for spell in _alternating(dice, flap, lambda: dice.uniform(5, 50))]
    # On a slow link answers come too late for stretches of seconds.
    late = [spell for one in slow for spell in _alternating(dice, one, lambda: dice.expovariate(1 / 8))]
    return Trace(
        seed=seed,
        seconds=seconds,
        outages=tuple(outages),
        silences=tuple(_merged([*outages, *blips, *downs, *late])),
        lossy=tuple((begin, end, dice.uniform(0.05, 0.5)) for begin, end in lossy),
    )


def _spells(dice: random.Random, count: float, seconds: float, lasting: Callable[[], float]) -> list[Spell]:
    """Return spells that begin at any time, `count` of them on average."""
    found, at = [], dice.expovariate(count / seconds)
    while at < seconds:
        found.append((at, at + lasting()))
        at += dice.expovariate(count / seconds)
    return found


def _alternating(dice: random.Random, within: Spell, lasting: Callable[[], float]) -> Iterator[Spell]:
    """Yield every second of the pieces a spell is cut into; none is longer than a blip."""
    cuts = [within[0]]
    while cuts[-1] < within[1]:
        cuts.append(cuts[-1] + min(LONGEST_BLIP_S, max(1.0, lasting())))
    for place, piece in enumerate(pairwise(cuts)):
        if place % 2 == 0:
            yield piece


def _merged(spells: list[Spell]) -> list[Spell]:
    merged: list[Spell] = []
    for begin, end in sorted(spells):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _covers(spells: tuple[Spell, ...], at: float) -> bool:
    place = bisect_right(spells, (at, float("inf"))) - 1
    return place >= 0 and at < spells[place][1]


def _chance(seed: int, at: float) -> float:
    """Return a number from 0 to 1 that depends on the camera and the millisecond only (splitmix64)."""
    mixed = (seed * 0x9E3779B97F4A7C15 + int(at * 1000) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return (mixed ^ (mixed >> 31)) / 2**64
