"""The running parts of the fleet benchmark: labs, workers and the database, and what each of them uses."""

import json
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path
from urllib.request import urlopen

import numpy as np
from sqlalchemy import text

from bench.lib import crowd
from bench.lib.village import ROOT, process_cpu_s
from data import cluster, db, secrets
from data.health import CAMERA_PASSWORD

# The sockets of a process that are no cameras of its own: looks, control port, files.
SPARE_SOCKETS = 4_000
PORT = 18_554
# Tables that are written at every look, or that keep what was found.
TABLES = ("look_turns", "camera_state", "observations", "observation_hours", "health_intervals", "events")


@dataclass(frozen=True, slots=True)
class Lab:
    """A lab process, its control port and which of the cameras, by their place in the list, are its own."""

    process: subprocess.Popen[str]
    control: str
    first: int
    last: int


def names(cameras: int) -> list[str]:
    """Return the names of the cameras in the lab."""
    return [f"c{n}" for n in range(cameras)]


def place(n: int) -> str:
    """Return the address of a camera; each has one of its own in 127.0.0.0/8."""
    return f"127.{64 + n // 62_500}.{n // 250 % 250}.{n % 250 + 1}"


def login(n: int) -> tuple[str, str]:
    """Return user and password of a camera."""
    return f"viewer{n}", f"pass-{n * 7919 % 1_000_003}"


@contextmanager
def labs(cameras: int, home: Path) -> Iterator[list[Lab]]:
    """Run as many lab processes as the limit of open files asks for; yields them when every port is open."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    parts = -(-cameras // (most - SPARE_SOCKETS))
    bounds = [cameras * part // parts for part in range(parts + 1)]
    with ExitStack() as running:
        made = [running.enter_context(_lab(home, first, last)) for first, last in pairwise(bounds)]
        yield [_ready(lab) for lab in made]


@contextmanager
def _lab(home: Path, first: int, last: int) -> Iterator[Lab]:
    file = home / f"lab-{first}.json"
    file.write_text(json.dumps([_spec(n) for n in range(first, last)]))
    command = [sys.executable, "-m", "video.lab", "--cameras", str(file), "--control", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Lab(process, "", first, last)
        finally:
            process.terminate()
            process.wait()


def _spec(n: int) -> dict[str, object]:
    user, password = login(n)
    return {"name": f"c{n}", "address": place(n), "port": PORT, "user": user, "password": password}


def _ready(lab: Lab) -> Lab:
    assert lab.process.stdout is not None
    said = lab.process.stdout.readline()
    assert said.startswith("ready"), said
    return Lab(lab.process, said.rpartition("control=")[2].strip(), lab.first, lab.last)


def lab_of(cameras: int, running: Sequence[Lab]) -> list[str]:
    """Return the control port of each camera's lab."""
    return [next(lab.control for lab in running if lab.first <= n < lab.last) for n in range(cameras)]


def described(running: Sequence[Lab]) -> int:
    """Return how many authenticated DESCRIBE the labs have answered."""
    total = 0
    for lab in running:
        with urlopen(f"{lab.control}/cameras") as answer:
            total += sum(camera["counters"]["looks"] for camera in json.load(answer))
    return total


def furnish(cameras: int) -> None:
    """Enter the cameras with their own logins into a made-up county; camera n of the lab has the id n."""
    sealed = [secrets.encrypt(login(n)[1], purpose=CAMERA_PASSWORD) for n in range(cameras)]
    with db.transaction() as session:
        session.connection().exec_driver_sql(crowd.AREAS.replace("%", "%%"))
        session.execute(
            text(
                "INSERT INTO cameras (id, code, name, rtsp_url, username, password_encrypted, area_id, path)"
                " OVERRIDING SYSTEM VALUE"
                " SELECT r.n - 1, '9901000000132' || lpad(r.n::text, 7, '0'), 'c' || r.n, r.url, r.username, r.sealed,"
                "  a.id, a.path"
                " FROM unnest(CAST(:urls AS text[]), CAST(:users AS text[]), CAST(:sealed AS bytea[]))"
                "  WITH ORDINALITY r(url, username, sealed, n)"
                " JOIN (SELECT id, path, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS places"
                "  FROM areas WHERE level = 'cell') a ON a.place = r.n % a.places"
            ),
            {
                "urls": [f"rtsp://{place(n)}:{PORT}/live" for n in range(cameras)],
                "users": [login(n)[0] for n in range(cameras)],
                "sealed": sealed,
            },
        )
        session.execute(text("UPDATE look_turns SET next_check_at = now() + random() * interval '60 s'"))
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))


def unknown() -> int:
    """Return how many cameras nothing is confirmed of."""
    with db.transaction() as session:
        return int(session.execute(text("SELECT count(*) FROM camera_state WHERE health = 'unknown'")).scalar_one())


@contextmanager
def workers(count: int, home: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run workers that keep their diaries in `home`."""
    command = [sys.executable, "-m", "bench.lib.fleet_worker", str(home)]
    running = [subprocess.Popen(command, cwd=ROOT) for _ in range(count)]
    try:
        yield running
    finally:
        leave(running)


def leave(running: Sequence[subprocess.Popen[bytes]]) -> None:
    """Tell workers to end, and wait until they have written everything."""
    for worker in running:
        if worker.poll() is None:
            worker.send_signal(signal.SIGTERM)
    for worker in running:
        assert worker.wait(timeout=120) == 0, "a worker died"


def diaries(home: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the looks and the changes of all workers, changes in the order they were told."""
    kept = [np.load(file) for file in home.glob("*.npz")]
    looks = np.concatenate([one["looks"].reshape(-1, 3) for one in kept])
    changes = np.concatenate([one["changes"].reshape(-1, 4) for one in kept])
    return looks, changes[np.argsort(changes[:, 3], kind="stable")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the parts have used so far: CPU seconds, resident MB now, bytes and rows of the database."""

    prober_cpu_s: float
    lab_cpu_s: float
    postgres_cpu_s: float
    prober_mb: float
    lab_mb: float
    postgres_mb: float
    wal_bytes: float
    database_bytes: float
    kept_bytes: float
    rows_added: float
    rows_updated: float
    rows_updated_hot: float
    stretches: float
    observations: float

    def __sub__(self, before: "Usage") -> "Usage":
        """Return what was used since `before`; memory stays as it is."""
        now = {field.name: getattr(self, field.name) for field in fields(self)}
        spent = {name: value - getattr(before, name) for name, value in now.items() if not name.endswith("_mb")}
        return Usage(**(now | spent))


class Meter:
    """Reads what the parts of a fleet use."""

    def __init__(self, running: Sequence[Lab], crew: Sequence[subprocess.Popen[bytes]], of: cluster.Cluster) -> None:
        self._labs = [lab.process.pid for lab in running]
        self._crew = [worker.pid for worker in crew]
        server = cluster.postmaster(of)
        assert server is not None
        self._server = server

    def read(self) -> Usage:
        """Return what was used up to now."""
        server = [self._server, *_children(self._server)]
        with db.transaction() as session:
            found = session.execute(text(_ASK), {"tables": list(TABLES)}).mappings().one()
        return Usage(
            prober_cpu_s=sum(map(process_cpu_s, self._crew)),
            lab_cpu_s=sum(map(process_cpu_s, self._labs)),
            postgres_cpu_s=sum(map(process_cpu_s, server)) + _ended_cpu_s(self._server),
            prober_mb=sum(map(_own_mb, self._crew)),
            lab_mb=sum(map(_own_mb, self._labs)),
            postgres_mb=sum(map(_own_mb, server)),
            **{name: float(value) for name, value in found.items()},
        )


# Partitions count with the table they belong to.
_ASK = """
WITH ours AS (
    SELECT c.oid FROM pg_class c WHERE c.relname = ANY (:tables)
    UNION SELECT inhrelid FROM pg_inherits WHERE inhparent = 'observations'::regclass)
SELECT pg_current_wal_lsn() - '0/0' AS wal_bytes, pg_database_size(current_database()) AS database_bytes,
    (SELECT sum(pg_total_relation_size(oid)) FROM ours
     WHERE oid NOT IN ('look_turns'::regclass, 'camera_state'::regclass)) AS kept_bytes,
    (SELECT count(*) FROM health_intervals) AS stretches, (SELECT count(*) FROM observations) AS observations,
    sum(n_tup_ins) AS rows_added, sum(n_tup_upd) AS rows_updated, sum(n_tup_hot_upd) AS rows_updated_hot
FROM pg_stat_user_tables WHERE relid IN (SELECT oid FROM ours)
"""


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _ended_cpu_s(pid: int) -> float:
    """Return the CPU seconds of children that ended, autovacuum among them."""
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[13:15]
    return sum(map(int, ticks)) / 100


def _own_mb(pid: int) -> float:
    """Return the memory of a process, what it shares counted in parts (PSS)."""
    for row in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if row.startswith("Pss:"):
            return int(row.split()[1]) / 1024
    return 0.0
