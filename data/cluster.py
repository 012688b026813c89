"""The private PostGIS of a single machine: made, started, stopped and recovered here.

The cluster listens on a unix socket in a folder of its own and on no network. It runs either in the foreground
under a supervisor (`python -m data.cluster run`) or in the background for a command that finds none running. With
DATABASE_URL set, none of this is used.
"""

import fcntl
import hashlib
import hmac
import os
import select
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import psycopg

from data import postgres, settings
from data.errors import Refusal
from data.home import private_folder, settle, socket_folder, unprivileged_user

OWNER = "sharpeyes"
WEB_ROLE = "sharpeyes_web"
DATABASE = "sharpeyes"
EXTENSIONS = ("postgis", "ltree", "btree_gist", "pg_trgm")
_SOCKET_NAME = ".s.PGSQL.5432"
# After a kill -9 the orphans of the old server hold its memory for about two seconds, and every start is refused.
_START_WITHIN_S = 10.0
_RECOVER_WITHIN_S = 300.0


class ClusterError(Refusal):
    """The private database cannot be made or started; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Where a private cluster lies and who runs it; `options` are added to the server's settings."""

    home: Path
    data: Path
    sockets: Path
    user: str | None
    options: Mapping[str, str] = field(default_factory=dict)


def of_home(home: Path, *, options: Mapping[str, str] | None = None) -> Cluster:
    """Return the cluster that belongs to the folder `home`, whether it exists yet or not."""
    real = settle(home)
    data = real / "database"
    return Cluster(
        home=real,
        data=data,
        sockets=socket_folder(real, _SOCKET_NAME),
        user=unprivileged_user(data),
        options=options or {},
    )


def owner_url(of: settings.Settings | None = None) -> str:
    """Return the SQLAlchemy URL of the role that owns the tables."""
    chosen = of or settings.get()
    return chosen.database_url or url(of_home(chosen.home), OWNER)


def web_url(of: settings.Settings | None = None) -> str:
    """Return the SQLAlchemy URL of the restricted role that serves the pages; migrations create the role."""
    chosen = of or settings.get()
    if chosen.database_web_url:
        return chosen.database_web_url
    if not chosen.database_url:
        return url(of_home(chosen.home), WEB_ROLE)
    scheme, rest = chosen.database_url.split("://", 1)
    password = web_password(chosen)
    return f"{scheme}://{WEB_ROLE}{f':{password}' if password else ''}@{rest.rpartition('@')[2]}"


def web_password(of: settings.Settings) -> str | None:
    """Return the web role's password on a server of DATABASE_URL, derived from the owner's; None without one."""
    password = urlsplit(of.database_url or "").password
    if not password:
        return None
    return hmac.digest(unquote(password).encode(), WEB_ROLE.encode(), hashlib.sha256).hex()


def url(cluster: Cluster, role: str) -> str:
    """Return the SQLAlchemy URL of `role` on `cluster`."""
    return f"postgresql+psycopg://{role}@/{DATABASE}?host={quote(str(cluster.sockets), safe='')}"


def ensure_running(of: settings.Settings | None = None) -> None:
    """Make and start the private cluster unless it is there or DATABASE_URL names a server."""
    chosen = of or settings.get()
    if not chosen.database_url:
        start(of_home(chosen.home))


def start(cluster: Cluster) -> None:
    """Start `cluster` in the background, making it first if needed, and wait until it answers.

    A cluster that runs already is left as it is. Recovery after a crash happens here by itself.
    """
    with _alone(cluster):
        _make(cluster)
        if postmaster(cluster) is None:
            _launch(cluster)
        _wait_until_it_answers(cluster)
        _furnish(cluster)


def stop(cluster: Cluster) -> bool:
    """Stop `cluster`, breaking off its sessions; return whether it was running."""
    if postmaster(cluster) is None:
        return False
    _call(cluster, "pg_ctl", "-D", str(cluster.data), "-m", "fast", "-w", "-t", "60", "stop")
    return True


def postmaster(cluster: Cluster) -> int | None:
    """Return the process id of the running server, or None.

    The file with its id outlives a crash and the id may be somebody else's by now; the server
    alone has the data folder as its working directory.
    """
    pid = _recorded_pid(cluster)
    try:
        return pid if pid and Path(f"/proc/{pid}/cwd").samefile(cluster.data) else None
    except OSError:
        return None


def _recorded_pid(cluster: Cluster) -> int | None:
    try:
        return int((cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def serve(cluster: Cluster) -> None:
    """Become the server of `cluster` in the foreground, for a supervisor; does not return.

    If a command has started the server already, stay beside it until it ends, so that nobody's work is cut off.
    """
    with _alone(cluster):
        _make(cluster)
        running = postmaster(cluster)
        if running is None:
            _forget_stale_pid(cluster)
    if running is not None:
        _stay_beside(cluster, running)
        return
    program = postgres.find("postgres", data=cluster.data)
    postgres.become(program, "-D", str(cluster.data), *_server_options(cluster), user=cluster.user)


def _make(cluster: Cluster) -> None:
    """Run initdb beside the final place and rename, so that no half-made cluster is ever found."""
    private_folder(cluster.sockets, cluster.user)
    if (cluster.data / "PG_VERSION").exists():
        return
    with tempfile.TemporaryDirectory(dir=cluster.home, prefix="new-database-") as made:
        # The other user passes through here to its own folder.
        Path(made).chmod(0o711)
        draft = private_folder(Path(made) / "database", cluster.user)
        options = ("-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums")
        _call(cluster, "initdb", "-D", str(draft), "-U", OWNER, *options)
        draft.rename(cluster.data)


def _launch(cluster: Cluster) -> None:
    _forget_stale_pid(cluster)
    options = shlex.join(_server_options(cluster))
    words = ("pg_ctl", "-D", str(cluster.data), "-s", "-w", "-t", str(int(_RECOVER_WITHIN_S)))
    log = str(cluster.data / "start.log")
    deadline = time.monotonic() + _START_WITHIN_S
    while True:
        try:
            _call(cluster, *words, "-l", log, "-o", options, "start")
        except ClusterError:
            if postmaster(cluster) is not None:
                return  # The supervisor was faster.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.25)
        else:
            return


def _forget_stale_pid(cluster: Cluster) -> None:
    # PostgreSQL clears the file of a dead server itself, but not when another process has got its number since.
    pid = _recorded_pid(cluster)
    if pid is not None and Path(f"/proc/{pid}").exists():
        (cluster.data / "postmaster.pid").unlink(missing_ok=True)


def _server_options(cluster: Cluster) -> list[str]:
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    chosen = {
        "listen_addresses": "",
        "unix_socket_directories": str(cluster.sockets),
        "max_connections": "200",
        "shared_buffers": f"{min(max(memory_mb // 8, 128), 2048)}MB",
        "effective_cache_size": f"{max(memory_mb // 2, 256)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "128MB",
        "random_page_cost": "1.1",
        # Compiling costs more than it saves on the short queries of pages and tiles.
        "jit": "off",
        "wal_compression": "on",
        "max_wal_size": "2GB",
        # What was acknowledged is on the disk.
        "synchronous_commit": "on",
        "timezone": "UTC",
        "logging_collector": "on",
        "log_filename": "postgresql-%a.log",
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_timezone": "UTC",
        **cluster.options,
    }
    return [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]


def _wait_until_it_answers(cluster: Cluster) -> None:
    deadline = time.monotonic() + _RECOVER_WITHIN_S
    while True:
        try:
            _connect(cluster, "postgres").close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline or postmaster(cluster) is None:
                raise ClusterError(
                    f"The database does not answer: {error}. Its log is in {cluster.data}/log."
                ) from error
            time.sleep(0.1)
        else:
            return


def _furnish(cluster: Cluster) -> None:
    """Make the database and its extensions if they are missing."""
    with _connect(cluster, "postgres") as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE}")
    with _connect(cluster, DATABASE) as connection:
        there = {str(row[0]) for row in connection.execute("SELECT extname FROM pg_extension")}
        for name in EXTENSIONS:
            if name not in there:
                connection.execute(f"CREATE EXTENSION IF NOT EXISTS {name}")


def _connect(cluster: Cluster, database: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(host=str(cluster.sockets), dbname=database, user=OWNER, autocommit=True)


def _stay_beside(cluster: Cluster, pid: int) -> None:
    """Return when the server ends; stop it when we are told to end."""
    signal.signal(signal.SIGTERM, lambda *_: stop(cluster))
    signal.signal(signal.SIGINT, lambda *_: stop(cluster))
    watched = os.pidfd_open(pid)
    select.select([watched], [], [])


@contextmanager
def _alone(cluster: Cluster) -> Iterator[None]:
    """Keep other processes from making or starting the same cluster meanwhile."""
    folder = os.open(cluster.home, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _call(cluster: Cluster, name: str, *words: str) -> None:
    try:
        postgres.call(postgres.find(name, data=cluster.data), *words, user=cluster.user)
    except postgres.ProgramError as error:
        raise ClusterError(f"The database in {cluster.data} cannot be used. {error}") from error


VERBS = ("run", "start", "stop", "status")


def main(words: list[str]) -> int:
    """Run, start, stop or show the private cluster of this installation; return the exit code."""
    if len(words) != 1 or words[0] not in VERBS:
        print(f"usage: python -m data.cluster {'|'.join(VERBS)}", file=sys.stderr)
        return 2
    try:
        print(_obey(words[0], settings.get()), file=sys.stderr)
    except (Refusal, settings.BadSetting) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _obey(verb: str, chosen: settings.Settings) -> str:
    if chosen.database_url:
        return "DATABASE_URL names the server; no private database is run."
    cluster = of_home(chosen.home)
    if verb == "run":
        serve(cluster)
    if verb == "start":
        start(cluster)
    if verb == "stop":
        stop(cluster)
    pid = postmaster(cluster)
    return f"The database in {cluster.data} is {f'running (process {pid})' if pid else 'not running'}."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
