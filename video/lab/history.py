"""A made-up past: what a county of cameras might have gone through over some weeks. Pure; every row is invented.

Most cameras are well most of the time; some fail, flap, show a bad picture or refuse a password; villages lose their
link, a town its power; the prober is silent for an afternoon; a few cameras are mended, maintained or taken down.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from data.types import Fault, Health, Interval, Layer

_HOUR = timedelta(hours=1)
_OFFLINE = ((Fault.TIMEOUT, Layer.TCP), (Fault.NO_ROUTE, Layer.ROUTE), (Fault.NO_KEY_FRAME, Layer.KEY_FRAME))
_BAD_PICTURE = (Fault.COVERED, Fault.BLURRED, Fault.BLACK, Fault.FROZEN, Fault.MOVED)
_CAUSES = ("power", "link", "device", "platform", "unknown")
# How often, in a fleet: a share of cameras, or how many of the whole county.
_FLAPPING, _BLURRED, _REFUSED, _CLOCK_WRONG = 0.01, 0.03, 0.01, 0.03
_OUTAGES, _TURNS_OF_FLAPPING = 7, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A camera to be given a past."""

    camera_id: int
    town: str
    village: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A made-up outage: its members were offline from `since` until `until`."""

    name: str
    cause: str
    since: datetime
    until: datetime
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What happened: stretches by camera, outages, maintenance by camera, changes of the record's state, and skews."""

    stretches: Mapping[int, Sequence[Interval]]
    outages: Sequence[Lost]
    maintenance: Sequence[tuple[int, datetime, datetime]]
    mended: Sequence[tuple[int, datetime, datetime]]
    dismantled: Sequence[tuple[int, datetime]]
    skew_s: Mapping[int, float]


def make_past(cameras: Sequence[Made], *, since: datetime, until: datetime, seed: int = 1) -> Past:
    """Return the past of a seed over [since, until); the same arguments give the same past."""
    chance = random.Random(seed)  # noqa: S311  a made-up past is no secret
    outages = list(_outages(cameras, since, until, chance))
    silence = since + (until - since) * 0.45
    troubles = {one.camera_id: list(_troubles(n, since, until, chance)) for n, one in enumerate(cameras)}
    for lost in outages:
        for member in lost.members:
            troubles[member].append((lost.since, lost.until, Health.OFFLINE, Fault.NO_ROUTE, Layer.ROUTE))
    for told in troubles.values():
        told.append((silence, silence + 3 * _HOUR, Health.UNKNOWN, None, None))
    few = [one.camera_id for one in chance.sample(list(cameras), max(4, len(cameras) // 60))]
    quarter = len(few) // 4
    noon = since + (until - since) * 0.6
    return Past(
        stretches={number: list(_line(told, since, until)) for number, told in troubles.items()},
        outages=outages,
        maintenance=[(number, noon, noon + 9 * _HOUR) for number in few[: 2 * quarter]],
        mended=[(number, noon - 90 * _HOUR, noon) for number in few[2 * quarter : 3 * quarter]],
        dismantled=[(number, noon + 24 * _HOUR) for number in few[3 * quarter :]],
        skew_s={
            one.camera_id: 90.0 if chance.random() < _CLOCK_WRONG or n == 0 else round(chance.gauss(0, 1.2), 2)
            for n, one in enumerate(cameras[::2])
        },
    )


Trouble = tuple[datetime, datetime, Health, Fault | None, Layer | None]


def _troubles(number: int, since: datetime, until: datetime, chance: random.Random) -> Iterator[Trouble]:
    """Yield what one camera goes through; later words win over earlier ones at the same time."""
    length = until - since
    # One of each even in a small county.
    if chance.random() < _REFUSED or number == 1:
        yield since + length * chance.random(), until, Health.DEGRADED, Fault.AUTH_REFUSED, Layer.AUTH
    if chance.random() < _BLURRED or number == 2:
        began = since + length * chance.random()
        ended = began + chance.uniform(5, 300) * _HOUR
        yield began, ended, Health.DEGRADED, chance.choice(_BAD_PICTURE), Layer.PICTURE
    fails = (
        _TURNS_OF_FLAPPING
        if chance.random() < _FLAPPING or number == 0
        else _how_often(length / timedelta(days=25), chance)
    )
    for _ in range(fails):
        began = since + length * chance.random()
        hours = chance.uniform(0.05, 0.4) if fails == _TURNS_OF_FLAPPING else chance.lognormvariate(1.0, 1.3)
        yield began, began + min(hours, 400.0) * _HOUR, Health.OFFLINE, *chance.choice(_OFFLINE)


def _outages(cameras: Sequence[Made], since: datetime, until: datetime, chance: random.Random) -> Iterator[Lost]:
    villages = sorted({one.village for one in cameras})
    for number in range(_OUTAGES):
        is_town = number == 0
        where = chance.choice(sorted({one.town for one in cameras}) if is_town else villages)
        began = (since + (until - since) * chance.uniform(0.02, 0.9)).replace(microsecond=0)
        yield Lost(
            name=where,
            cause=_CAUSES[number % len(_CAUSES)],
            since=began,
            until=began + chance.uniform(0.5, 9) * _HOUR,
            members=tuple(one.camera_id for one in cameras if where == (one.town if is_town else one.village)),
        )


def _line(troubles: Sequence[Trouble], since: datetime, until: datetime) -> Iterator[Interval]:
    """Yield stretches without gaps: well, but where a trouble says otherwise; of several the last in the list."""
    bounds = {since, until}
    for began, ended, *_ in troubles:
        bounds |= {at for at in (began, ended) if since < at < until}
    before: Interval | None = None
    marks = sorted(bounds)
    for began, ended in pairwise(marks):
        held = [told for told in troubles if told[0] <= began < told[1]]
        health, fault, layer = held[-1][2:] if held else (Health.ONLINE, None, None)
        joins = before is not None and (before.health, before.fault, before.layer) == (health, fault, layer)
        if before is not None and not joins:
            yield before
        since_then = before.since if before is not None and joins else began
        before = Interval(since=since_then, until=ended, health=health, fault=fault, layer=layer)
    if before is not None:
        yield before


def _how_often(mean: float, chance: random.Random) -> int:
    """Return how often something happens that happens `mean` times on average."""
    times, left = 0, chance.expovariate(1.0)
    while left < mean:
        times, left = times + 1, left + chance.expovariate(1.0)
    return times
