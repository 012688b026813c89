"""Cameras of the fleet that fail and recover all the time, and whether what was told of them is true."""

import heapq
import json
import random
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.request import Request, urlopen

import numpy as np
from numpy.typing import NDArray

from bench.lib.fleet_worker import HEALTHS
from data.types import Health

Diary = NDArray[np.float64]

# What breaks: ports that are shut, hosts that are gone, devices that hang before and within their answer.
KINDS = ("refuse", "hang_tcp", "hang_describe", "hang_connect")
WEIGHTS = (40, 30, 20, 10)
LASTS_S = (150, 300)
# Every fifth is shorter than any confirmation and must not be told.
BLIP_SHARE, BLIP_S = 0.2, (5, 25)
# Two clocks of one machine, and the time a switch takes on its way to the lab.
MARGIN_S = 2.0


@dataclass(slots=True)
class Trouble:
    """One stretch in which a camera really fails; `until` is inf while it lasts."""

    camera: int
    since: float
    until: float = float("inf")


@dataclass(slots=True)
class Troubles:
    """Keeps a share of the cameras failing. `controls` are the labs' control ports, one for each part of cameras."""

    names: Sequence[str]
    lab_of: Sequence[str]
    share: float
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    all: list[Trouble] = field(default_factory=list)
    _open: list[tuple[float, int, Trouble]] = field(default_factory=list)
    _failing: set[int] = field(default_factory=set)

    def tick(self) -> None:
        """Heal what has failed long enough, and break as many others."""
        wanted: dict[str, dict[str, str]] = defaultdict(dict)
        healed, broken = [], []
        while self._open and self._open[0][0] <= time.time():
            trouble = heapq.heappop(self._open)[2]
            wanted[self.lab_of[trouble.camera]][self.names[trouble.camera]] = "none"
            healed.append(trouble)
        while len(self._failing) + len(broken) - len(healed) < self.share * len(self.names):
            camera = self.chance.randrange(len(self.names))
            if camera in self._failing or self.names[camera] in wanted[self.lab_of[camera]]:
                continue
            wanted[self.lab_of[camera]][self.names[camera]] = self.chance.choices(KINDS, WEIGHTS)[0]
            broken.append(Trouble(camera, time.time()))
        for control, faults in wanted.items():
            switch(control, faults)
        self._note(healed, broken)

    def _note(self, healed: Sequence[Trouble], broken: Sequence[Trouble]) -> None:
        now = time.time()
        for trouble in healed:
            trouble.until = now
            self._failing.discard(trouble.camera)
        for trouble in broken:
            lasts = BLIP_S if self.chance.random() < BLIP_SHARE else LASTS_S
            heapq.heappush(self._open, (now + self.chance.uniform(*lasts), trouble.camera, trouble))
            self._failing.add(trouble.camera)
        self.all += broken


def switch(control: str, faults: Mapping[str, str]) -> None:
    """Give cameras of a lab their faults."""
    if faults:
        with urlopen(Request(f"{control}/faults", json.dumps(faults).encode(), method="POST")) as answer:
            answer.read()


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """How what was told compares with what really failed. Seconds."""

    offline_told: int
    offline_false: int
    silent: int
    due: int
    missed: int
    found_s: NDArray[np.float64]
    confirmed_s: NDArray[np.float64]


def compared(
    troubles: Sequence[Trouble],
    looks: Diary,
    changes: Diary,
    *,
    within_s: float,
    again_s: float,
    since: float,
    until: float,
) -> Truth:
    """Compare troubles with changes told within [since, until); a true offline is due `within_s` after it began.

    One that failed before in this run is confirmed more slowly, and due after `again_s`. A camera told offline while
    it was not failing is false, from the look that found it to the last that confirmed it.
    """
    by_camera: dict[int, list[Trouble]] = defaultdict(list)
    for trouble in troubles:
        by_camera[trouble.camera].append(trouble)
    told = changes[(changes[:, 3] >= since) & (changes[:, 3] < until)]
    offline = told[told[:, 1] == HEALTHS.index(Health.OFFLINE)]
    false = sum(not _is_true(by_camera[int(row[0])], row[2]) for row in offline)
    limits = {id(t): again_s if by_camera[t.camera][0] is not t else within_s for t in troubles}
    due = [t for t in troubles if t.since >= since and min(t.until, until) - t.since >= limits[id(t)]]
    found = [(_told_at(offline, t), t) for t in due]
    # Some fail again before they were told to be back: they stand as offline all the time.
    standing = [t for at, t in found if at is None and _is_told_offline(changes, t, t.since + limits[id(t)])]
    known = [(at, t) for at, t in found if at is not None and at - t.since <= limits[id(t)]]
    for at, t in found:
        if (at is None or at - t.since > limits[id(t)]) and t not in standing:
            print(f"late: camera={t.camera} lasted={t.until - t.since:.0f} told={None if at is None else at - t.since}")
    return Truth(
        offline_told=len(offline),
        offline_false=false,
        silent=int((told[:, 1] == HEALTHS.index(Health.UNKNOWN)).sum()),
        due=len(due),
        missed=len(due) - len(known) - len(standing),
        found_s=np.array([at - t.since for at, t in known]),
        confirmed_s=offline[:, 3] - offline[:, 2],
    )


def _is_true(troubles: Sequence[Trouble], seen_since: float) -> bool:
    return any(t.since - MARGIN_S <= seen_since <= t.until + MARGIN_S for t in troubles)


def _is_told_offline(changes: Diary, trouble: Trouble, at: float) -> bool:
    """Say whether the last word on a camera at a time is that it is offline."""
    mine = changes[(changes[:, 0] == trouble.camera) & (changes[:, 3] <= at)]
    return bool(len(mine)) and int(mine[np.argmax(mine[:, 3]), 1]) == HEALTHS.index(Health.OFFLINE)


def _told_at(offline: Diary, trouble: Trouble) -> float | None:
    mine = offline[(offline[:, 0] == trouble.camera) & (offline[:, 3] >= trouble.since)]
    return float(mine[0, 3]) if len(mine) else None
