"""A worker of the fleet benchmark: the real rounds, and beside them a list of every look and every change told.

python -m bench.lib.fleet_worker FOLDER: looks until SIGTERM, then writes FOLDER/PID.npz.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from data.health import Change, Outcome
from data.types import Health
from video import loop
from video.rounds import keep_looking
from web.cli.worker import allow_many_sockets
from web.jobs import rounds

HEALTHS = tuple(Health)


class Diary:
    """Every look (camera, when it began, whether it failed) and every change (camera, health, since, when told)."""

    def __init__(self) -> None:
        self.looks: list[tuple[int, float, bool]] = []
        self.changes: list[tuple[int, int, float, float]] = []

    def write(self, outcomes: Sequence[Outcome], changes: Sequence[Change]) -> None:
        """Note a batch that was committed just now."""
        now = time.time()
        self.looks += [(o.due.camera_id, o.seen.at.timestamp(), o.seen.fault is not None) for o in outcomes]
        self.changes += [(c.camera_id, HEALTHS.index(c.health), c.since.timestamp(), now) for c in changes]

    def keep(self, file: Path) -> None:
        """Write it all to a file."""
        np.savez(file, looks=np.array(self.looks, dtype=float), changes=np.array(self.changes, dtype=float))


async def work(diary: Diary) -> None:
    leave = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, leave.set)
    clock = lambda: datetime.now(UTC)  # noqa: E731
    await keep_looking(rounds.pace(), clock=clock, decoders=None, leave=leave, wrote=diary.write)


def main() -> None:
    diary = Diary()
    allow_many_sockets()
    loop.run(work(diary))
    diary.keep(Path(sys.argv[1], f"{os.getpid()}.npz"))


if __name__ == "__main__":
    main()
