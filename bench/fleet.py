"""A fleet of cameras, each looked at every minute, with real parts: lab, sockets, rounds, PostGIS on its own disk.

./run.sh bench fleet                                        the table: 1,000, 10,000, 50,000, and two workers
./run.sh bench fleet --cameras 10000 --minutes 10 --workers 1   one line of it

Each line of docs/benchmarks/fleet.md is replaced by the run that measures it.
"""

import argparse
import logging
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bench.lib import fleet_parts as parts
from bench.lib.fleet_faults import Troubles, Truth, compared
from bench.lib.fleet_report import Line, write
from data import cluster, db, health, migrate, settings
from web.jobs import rounds

TABLE = ((1_000, 2, 1), (10_000, 3, 1), (50_000, 10, 1), (50_000, 10, 2))
FAILING = 0.02
# Beyond a period: what taking, sockets and a shared machine may add before a look counts as skipped.
SLACK_S = 1.0
EXPIRE_EVERY_S = 5.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--failing", type=float, default=FAILING, help="share of cameras that fail at any time")
    chosen = parser.parse_args()
    logging.disable(logging.INFO)
    wanted = [(chosen.cameras, chosen.minutes, chosen.workers)] if chosen.cameras else TABLE
    for cameras, minutes, workers in wanted:
        write(measured(cameras, minutes=minutes, workers=workers, failing=chosen.failing))


def measured(cameras: int, *, minutes: float, workers: int, failing: float) -> Line:
    """Run a fleet and return its line of the table."""
    with county(cameras) as home, ExitStack() as running:
        labs = running.enter_context(parts.labs(cameras, home))
        parts.furnish(cameras)
        began = time.time()
        crew = running.enter_context(parts.workers(workers, home))
        warm_up(cameras, crew)
        warm_s = time.time() - began
        troubles = Troubles(parts.names(cameras), parts.lab_of(cameras, labs), failing)
        meter = parts.Meter(labs, crew, cluster.of_home(home))
        since = time.time()
        before = meter.read()
        keep_failing(troubles, until=since + 60 * minutes)
        after, until = meter.read(), time.time()
        parts.leave(crew)
        looks, changes = parts.diaries(home)
        described = parts.described(labs)
    within_s, again_s = deadlines_s()
    truth = compared(troubles.all, looks, changes, within_s=within_s, again_s=again_s, since=since, until=until)
    return line(
        Run(cameras, workers, since, until, warm_s), usage=after - before, looks=looks, truth=truth, described=described
    )


@dataclass(frozen=True, slots=True)
class Run:
    """What was run, and when it was measured."""

    cameras: int
    workers: int
    since: float
    until: float
    warm_s: float


def deadlines_s() -> tuple[float, float]:
    """Return how long an offline may take to be told: a period, the confirmation, its last look, and the writing.

    And how long where the camera had failed before, which lengthens its confirmation.
    """
    pace = rounds.pace()
    one_look_s = pace.timeouts.connect_s + pace.timeouts.reply_s
    besides_s = pace.every_s + 2 * one_look_s + SLACK_S
    return besides_s + pace.limits.confirm_offline_s, besides_s + pace.limits.unstable_offline_s


@contextmanager
def county(cameras: int) -> Iterator[Path]:
    """Run a database of its own, with the settings of an installation; nothing is relaxed."""
    with tempfile.TemporaryDirectory(prefix="fleet-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        os.environ["SHARPEYES_HOME"] = folder
        settings.get.cache_clear()
        db.engine.cache_clear()
        mine = cluster.of_home(home)
        cluster.start(mine)
        try:
            migrate.upgrade(db.engine())
            yield home
        finally:
            db.engine().dispose()
            cluster.stop(mine)


def warm_up(cameras: int, crew: Sequence[subprocess.Popen[bytes]]) -> None:
    """Wait until every camera was looked at and its first word is confirmed."""
    while unknown := parts.unknown():
        print(f"{cameras - unknown:,} of {cameras:,} known", flush=True)
        if any(worker.poll() is not None for worker in crew):
            raise SystemExit("a worker died")
        time.sleep(5)


def keep_failing(troubles: Troubles, *, until: float) -> None:
    """Break and heal cameras once a second, and write silence down as housekeeping does."""
    expired_at = 0.0
    while time.time() < until:
        troubles.tick()
        if time.time() - expired_at >= EXPIRE_EVERY_S:
            expired_at = time.time()
            with db.transaction() as session:
                health.tell(session, health.expire(session, now=datetime.now(UTC)))
        time.sleep(1)


def line(run: Run, *, usage: parts.Usage, looks: np.ndarray, truth: Truth, described: int) -> Line:
    """Return the line of one run."""
    inside = looks[(looks[:, 1] >= run.since) & (looks[:, 1] < run.until)]
    gaps = gaps_between(looks, run)
    every_s = rounds.pace().every_s
    return Line(
        cameras=run.cameras,
        workers=run.workers,
        minutes=(run.until - run.since) / 60,
        warm_s=run.warm_s,
        looks=len(inside),
        gap_s=every_s,
        skipped=int((gaps > every_s + SLACK_S).sum()),
        longest_gap_s=float(gaps.max()),
        cameras_seen=len(np.unique(inside[:, 0])),
        answered=int((looks[:, 2] == 0).sum()),
        described=described,
        deadlines_s=deadlines_s(),
        truth=truth,
        usage=usage,
    )


def gaps_between(looks: np.ndarray, run: Run) -> np.ndarray:
    """Return the seconds between the beginnings of successive looks at a camera, and from its last to the end.

    A gap counts when any of it lies within the time that was measured.
    """
    ordered = looks[np.lexsort((looks[:, 1], looks[:, 0]))]
    same = ordered[1:, 0] == ordered[:-1, 0]
    between = (ordered[1:, 1] - ordered[:-1, 1])[same & (ordered[1:, 1] >= run.since)]
    last = ordered[np.append(~same, True)]
    return np.concatenate([between, run.until - last[:, 1]])


if __name__ == "__main__":
    main()
