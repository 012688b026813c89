"""The report of the fleet benchmark: one line for each size of fleet."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bench.lib.fleet_faults import Truth
from bench.lib.fleet_parts import Usage
from bench.lib.village import ROOT, table

FILE = Path(ROOT, "docs", "benchmarks", "fleet.md")
OWN_WORDS = "\n## Runs differ"
DAY_MINUTES = 1_440
EACH = "CPU ms per look: prober, lab, PostgreSQL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one run came to."""

    cameras: int
    workers: int
    minutes: float
    warm_s: float
    looks: int
    gap_s: float
    skipped: int
    longest_gap_s: float
    cameras_seen: int
    answered: int
    described: int
    deadlines_s: tuple[float, float]
    truth: Truth
    usage: Usage

    @property
    def cells(self) -> dict[str, str]:
        """The figures by the words that stand beside them."""
        seconds, used, truth = 60 * self.minutes, self.usage, self.truth
        cores = [used.prober_cpu_s / seconds, used.lab_cpu_s / seconds, used.postgres_cpu_s / seconds]
        each = [1000 * s / self.looks for s in (used.prober_cpu_s, used.lab_cpu_s, used.postgres_cpu_s)]
        lasting = used.stretches + used.observations
        return {
            "cameras": f"{self.cameras:,}",
            "workers": f"{self.workers}",
            "measured, minutes": f"{self.minutes:.1f}",
            "from nothing known to all confirmed": f"{self.warm_s:.0f} s",
            "looks per second": f"{self.looks / seconds:,.0f}",
            "cameras looked at": f"{self.cameras_seen:,}",
            f"looks skipped (over {self.gap_s:.0f} s apart, 1 s allowed)": f"{self.skipped:,}",
            "longest time between two looks": f"{self.longest_gap_s:.1f} s",
            "looks answered / counted by the cameras": f"{self.answered:,} / {self.described:,}",
            "told offline": f"{truth.offline_told:,}",
            "of these false": f"{truth.offline_false:,}",
            "told unknown": f"{truth.silent:,}",
            f"true offline of {self.deadlines_s[0]:.0f} s or more": f"{truth.due:,}",
            "of these not told in that time": f"{truth.missed:,}",
            "from the fault to the telling": spread(truth.found_s),
            "from the first failed look to the telling": spread(truth.confirmed_s),
            EACH: " + ".join(f"{ms:.2f}" for ms in each) + f" = {sum(each):.2f}",
            "cores: prober, lab, PostgreSQL": " + ".join(f"{one:.2f}" for one in cores) + f" = {sum(cores):.2f}",
            "memory, MB: prober, lab, PostgreSQL": ", ".join(
                f"{mb:,.0f}" for mb in (used.prober_mb, used.lab_mb, used.postgres_mb)
            ),
            "rows written per minute: added, updated (in place)": f"{used.rows_added / self.minutes:,.0f},"
            f" {used.rows_updated / self.minutes:,.0f} ({used.rows_updated_hot / max(1, used.rows_updated):.0%})",
            "WAL": f"{used.wal_bytes / self.minutes / 1e6:.1f} MB a minute,"
            f" {used.wal_bytes / self.minutes * DAY_MINUTES / 1e9:.1f} GB a day",
            "WAL per look": f"{used.wal_bytes / self.looks:,.0f} bytes",
            "lasting rows a day": f"{lasting / self.minutes * DAY_MINUTES + 24 * self.cameras:,.0f}",
            "database growth a day": f"{used.kept_bytes / self.minutes * DAY_MINUTES / 1e9:.2f} GB",
        }


def spread(seconds: np.ndarray) -> str:
    """Return median, 95 % and longest."""
    if not len(seconds):
        return "none"
    return f"{np.median(seconds):.0f} / {np.quantile(seconds, 0.95):.0f} / {seconds.max():.0f} s"


def write(line: Line) -> None:
    """Print a line, and put it into the table of the report in place of the one it had."""
    cells = line.cells
    for words, figure in cells.items():
        print(f"{words:60s} {figure}", flush=True)
    kept = _columns()
    kept[cells["cameras"], cells["workers"]] = list(cells.values())
    told = page(list(cells), [kept[key] for key in sorted(kept, key=_order)])
    FILE.write_text(told + _own_words())


def _own_words() -> str:
    """Return what was written below the report by hand; it stays."""
    _, heading, words = FILE.read_text().partition(OWN_WORDS) if FILE.exists() else ("", "", "")
    return heading + words


def _order(key: tuple[str, str]) -> tuple[int, int]:
    return int(key[0].replace(",", "")), int(key[1])


def _columns() -> dict[tuple[str, str], list[str]]:
    """Return the columns of the table in the report as it stands, by cameras and workers."""
    if not FILE.exists():
        return {}
    told = FILE.read_text().partition(OWN_WORDS)[0]
    lines = [line.strip("|").split("|") for line in told.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line] for line in lines]
    figures = [row[1:] for row in rows if set(row[0]) != {"-"}]
    return {(column[0], column[1]): list(column) for column in zip(*figures, strict=True)}


def page(words: Sequence[str], columns: Sequence[Sequence[str]]) -> str:
    """Return the report."""
    rows = [[word, *(column[n] for column in columns)] for n, word in enumerate(words)]
    most = _limit(columns[-1][words.index(EACH)])
    return f"""# Fleet

`./run.sh bench fleet`: cameras of the lab on addresses of their own in 127.0.0.0/8, each with its own login over
Digest, looked at by the rounds of a worker: an authenticated DESCRIBE, with OPTIONS before it unless the look before
found the camera well; verdicts and history in a PostGIS of its own with the settings of an installation (fsync on). Two
of a hundred cameras fail at any time: ports shut, hosts gone, devices that hang, for 150 to 300 s; every fifth only for
5 to 25 s, which must not be told. Everything runs on one
machine ({os.cpu_count()} cores, {platform.machine()}); last run {datetime.now(UTC):%Y-%m-%d}.

{table(rows)}

How it is counted. A look is skipped where two looks at one camera begin more than a period and one second apart, or
none came in the last of them. An offline is false where the camera was not failing when the stretch that was told
began. A true offline is due after a period, the confirmation and its looks; where the camera had failed before in the
run it is confirmed over up to 70 s instead of 45, as those that come and go are, and due that much later; one that
fails again before it was told to be back stands as offline all the time and counts as told. Times are
median / 95 % / longest. CPU is what the processes used by the clock of the kernel, the database with its writers and
autovacuum. Memory is resident, shared parts divided. WAL is more right after a checkpoint than later.
The tables of turns and of states are rewritten in place and do not grow; what lasts are stretches of health, changed
facts, and one row per camera and hour.

The limit is CPU, and it grows with looks alone: by the last column, {most}
Real cameras answer with their own CPU, so the lab's share is free in the field. A worker is one process and ends a
little before one core: where looks were skipped above, it did as many as it could. Two workers share the cameras and
cost a little more each. Rows and WAL grow with looks too; what lasts grows with
cameras and with what happens to them. Memory of the prober and of PostgreSQL hardly grows; the lab's does with cameras.
"""


def _limit(each: str) -> str:
    """Return in words how many cameras a minute fit, by the CPU ms of a look as the table has them."""
    prober, lab, postgres = (float(ms) for ms in each.partition("=")[0].split("+"))
    cores = os.cpu_count() or 1
    here, field = (60_000 * cores / ms for ms in (prober + lab + postgres, prober + postgres))
    full = f"{cores} cores would be full at\n{here:,.0f} cameras a minute with the lab beside them"
    return f"{full}, at {field:,.0f} without it, and one worker at {60_000 / prober:,.0f}."
