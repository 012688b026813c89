"""What an hour of looks came to, summed up by the worker before it is written.

At one look a minute a row written at every look would be most of what is written at all. The worker keeps the sums of
a camera until there are ten looks in them, or their hour is over. A worker that is killed takes at most these along:
counts and extremes beside the history, while health itself is written at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from data.looks import Observation
from data.sql import as_json, query

# As many looks as are written at once, and how long they may wait at most.
MOST_LOOKS = 10
LONGEST = timedelta(minutes=15)


@dataclass(slots=True, kw_only=True)
class Sum:
    """The looks of one camera within one hour that are not yet written; times in ms, skew in s."""

    camera_id: int
    path: str
    hour: datetime
    began: datetime
    looks: int = 0
    faults: int = 0
    describe_ms_min: float | None = None
    describe_ms_max: float | None = None
    key_frame_ms_min: float | None = None
    key_frame_ms_max: float | None = None
    clock_skew_s_min: float | None = None
    clock_skew_s_max: float | None = None

    def add(self, seen: Observation) -> None:
        """Count one more look."""
        self.looks += 1
        self.faults += seen.fault is not None
        if seen.describe_ms is not None:
            self.describe_ms_min = _least(self.describe_ms_min, seen.describe_ms)
            self.describe_ms_max = _most(self.describe_ms_max, seen.describe_ms)
        if seen.key_frame_ms is not None:
            self.key_frame_ms_min = _least(self.key_frame_ms_min, seen.key_frame_ms)
            self.key_frame_ms_max = _most(self.key_frame_ms_max, seen.key_frame_ms)
        if seen.clock_skew_s is not None:
            self.clock_skew_s_min = _least(self.clock_skew_s_min, seen.clock_skew_s)
            self.clock_skew_s_max = _most(self.clock_skew_s_max, seen.clock_skew_s)


class Hours:
    """The sums of a worker."""

    def __init__(self) -> None:
        self._sums: dict[int, Sum] = {}

    def add(self, camera_id: int, path: str, seen: Observation) -> list[Sum]:
        """Count a look; return the sums that are to be written now."""
        hour = seen.at.replace(minute=0, second=0, microsecond=0)
        current = self._sums.get(camera_id)
        if current is not None and current.hour == hour and current.path == path:
            current.add(seen)
            return [self._sums.pop(camera_id)] if _is_full(current, seen.at) else []
        self._sums[camera_id] = fresh = Sum(camera_id=camera_id, path=path, hour=hour, began=seen.at)
        fresh.add(seen)
        return [current] if current is not None else []

    def take_all(self) -> list[Sum]:
        """Return every sum, to be written before the worker ends."""
        sums, self._sums = list(self._sums.values()), {}
        return sums


def write(session: Session, sums: list[Sum]) -> None:
    """Add sums to what is written of their hours; cameras that are gone are left out."""
    if sums:
        session.execute(query("count_hours"), {"rows": as_json([_row(one) for one in sums])})


def _row(one: Sum) -> Mapping[str, Any]:
    return {name: getattr(one, name) for name in Sum.__slots__ if name != "began"}


def _is_full(current: Sum, at: datetime) -> bool:
    return current.looks >= MOST_LOOKS or at - current.began >= LONGEST


def _least(known: float | None, seen: float) -> float:
    return seen if known is None or seen < known else known


def _most(known: float | None, seen: float) -> float:
    return seen if known is None or seen > known else known
