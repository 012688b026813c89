"""A lab on one core for benchmarks that run on the other, and the CPU time of both."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Village:
    """A running lab: its cameras as its control port lists them, and its process."""

    cameras: Sequence[dict[str, Any]]
    pid: int

    @property
    def cpu_s(self) -> float:
        """CPU seconds of the lab so far."""
        return process_cpu_s(self.pid)


def process_cpu_s(pid: int) -> float:
    """Return the CPU seconds a process has used, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def family_cpu_s() -> float:
    """Return the CPU seconds of this process, of all that descend from it, and of those that ended already."""
    used: dict[int, tuple[int, float]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        used[int(stat.parent.name)] = int(fields[1]), sum(map(int, fields[11:15])) / _TICK
    return sum(spent for pid, (_, spent) in used.items() if _descends(pid, used))


def _descends(pid: int, used: dict[int, tuple[int, float]]) -> bool:
    while pid in used and pid != os.getpid():
        pid = used[pid][0]
    return pid == os.getpid()


def measure_on_first_core() -> None:
    """Keep this process, and those it starts, on the first core."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


@contextmanager
def village(cameras: Sequence[dict[str, Any]]) -> Iterator[Village]:
    """Run a lab on the last core; yield it when every port is open and every picture encoded."""
    last = max(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "cameras.json")
        file.write_text(json.dumps(list(cameras)))
        command = [sys.executable, "-m", "video.lab", "--cameras", str(file), "--control", "0"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as lab:
            os.sched_setaffinity(lab.pid, {last})
            try:
                assert lab.stdout is not None
                control = lab.stdout.readline().rpartition("control=")[2].strip()
                with urlopen(f"{control}/cameras") as listed:
                    yield Village(json.load(listed), lab.pid)
            finally:
                lab.terminate()
                lab.wait()


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as a Markdown table; the first one is its head."""
    head, *rest = rows
    lines = [head, ["---"] * len(head), *rest]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def report(name: str, text: str) -> None:
    """Print a report and keep it in docs/benchmarks."""
    print(text)
    Path(ROOT, "docs", "benchmarks", f"{name}.md").write_text(text + "\n")
