"""The private database is made, survives being killed, and is left alone when it is not ours."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from data import cluster, home, settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder that an unprivileged user may enter, which pytest's own is not."""
    made = Path(tempfile.mkdtemp(prefix="sharpeyes-test-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def private(folder: Path) -> Iterator[cluster.Cluster]:
    """Return a running cluster of its own."""
    found = cluster.of_home(folder / "home")
    cluster.start(found)
    yield found
    cluster.stop(found)


def connect(to: cluster.Cluster) -> psycopg.Connection[tuple[object, ...]]:
    """Return a connection to the database of `to`."""
    return psycopg.connect(host=str(to.sockets), user=cluster.OWNER, dbname=cluster.DATABASE)


def settings_with(**environment: str) -> settings.Settings:
    """Return settings read from `environment` alone."""
    return settings.read(environment, code_folder=ROOT)


def wait_until(claim: str, is_true: object) -> None:
    """Wait until the function `is_true` says so, for half a minute."""
    assert callable(is_true)
    deadline = time.monotonic() + 30
    pause = threading.Event()
    while not is_true():
        assert time.monotonic() < deadline, f"not within 30 s: {claim}"
        pause.wait(0.05)


def test_a_new_cluster_has_the_extensions_and_listens_on_no_network(private: cluster.Cluster) -> None:
    with connect(private) as connection:
        extensions = {row[0] for row in connection.execute("SELECT extname FROM pg_extension")}
        shown = {
            name: connection.execute(f"SHOW {name}").fetchone()
            for name in ("listen_addresses", "synchronous_commit", "data_checksums", "jit", "server_encoding")
        }
    assert extensions >= {"postgis", "ltree", "btree_gist", "pg_trgm"}
    assert shown == {
        "listen_addresses": ("",),
        "synchronous_commit": ("on",),
        "data_checksums": ("on",),
        "jit": ("off",),
        "server_encoding": ("UTF8",),
    }


def test_nobody_else_may_open_the_socket_or_the_data(private: cluster.Cluster) -> None:
    assert private.sockets.stat().st_mode & 0o077 == 0
    assert private.data.stat().st_mode & 0o077 == 0


def test_what_was_acknowledged_survives_kill_9(private: cluster.Cluster) -> None:
    with connect(private) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    pid = cluster.postmaster(private)
    assert pid
    os.kill(pid, signal.SIGKILL)
    wait_until("the old server is gone", lambda: cluster.postmaster(private) is None)
    cluster.start(private)
    assert cluster.postmaster(private) not in (None, pid)
    with connect(private) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_number_left_behind_by_a_dead_server_is_not_taken_for_a_server(private: cluster.Cluster) -> None:
    cluster.stop(private)
    recorded = private.data / "postmaster.pid"
    recorded.write_text(f"{os.getpid()}\n{private.data}\n")
    assert cluster.postmaster(private) is None
    assert not cluster.stop(private)
    cluster.start(private)
    assert cluster.postmaster(private) not in (None, os.getpid())


def test_a_second_start_changes_nothing_and_a_second_stop_says_so(private: cluster.Cluster) -> None:
    pid = cluster.postmaster(private)
    cluster.start(private)
    assert cluster.postmaster(private) == pid
    assert cluster.stop(private)
    assert cluster.postmaster(private) is None
    assert not cluster.stop(private)


def test_several_commands_starting_at_once_make_one_cluster(folder: Path) -> None:
    found = cluster.of_home(folder / "home")
    threads = [threading.Thread(target=cluster.start, args=(found,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        with connect(found) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        cluster.stop(found)


def test_two_homes_live_side_by_side(private: cluster.Cluster, folder: Path) -> None:
    other = cluster.of_home(folder / "other")
    cluster.start(other)
    try:
        with connect(other) as connection:
            connection.execute("CREATE TABLE only_here ()")
        with connect(private) as connection:
            assert connection.execute("SELECT to_regclass('only_here')").fetchone() == (None,)
    finally:
        cluster.stop(other)
    assert cluster.postmaster(private)


def foreground(folder: Path) -> subprocess.Popen[bytes]:
    """Start the database of `folder` as a supervisor would."""
    environment = {**os.environ, "SHARPEYES_HOME": str(folder / "home")}
    environment.pop("DATABASE_URL", None)
    return subprocess.Popen([sys.executable, "-m", "data.cluster", "run"], cwd=ROOT, env=environment)


def test_the_server_runs_in_the_foreground_under_its_own_process_number(folder: Path) -> None:
    process = foreground(folder)
    found = cluster.of_home(folder / "home")
    wait_until("the server runs", lambda: cluster.postmaster(found) == process.pid)
    cluster.start(found)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0


def test_a_supervisor_takes_over_a_server_that_a_command_started(private: cluster.Cluster, folder: Path) -> None:
    pid = cluster.postmaster(private)
    with connect(private) as connection:
        process = foreground(folder)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1.5)
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert cluster.postmaster(private) == pid
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert cluster.postmaster(private) is None


def test_an_address_of_a_server_is_used_as_it_is_and_no_cluster_is_made(folder: Path) -> None:
    chosen = settings_with(
        DATABASE_URL="postgresql://owner:pa%40ss@db.example:5433/grid?sslmode=require",
        SHARPEYES_HOME=str(folder / "none"),
    )
    cluster.ensure_running(chosen)
    assert not (folder / "none").exists()
    assert cluster.owner_url(chosen) == "postgresql+psycopg://owner:pa%40ss@db.example:5433/grid?sslmode=require"
    web = urlsplit(cluster.web_url(chosen))
    assert (web.username, web.hostname, web.port, web.path) == ("sharpeyes_web", "db.example", 5433, "/grid")
    assert web.password == cluster.web_password(chosen) != "pa%40ss"


def test_the_web_role_of_a_private_cluster_uses_the_same_socket(folder: Path) -> None:
    chosen = settings_with(SHARPEYES_HOME=str(folder / "a b+c"))
    web = urlsplit(cluster.web_url(chosen))
    assert web.username == cluster.WEB_ROLE
    assert parse_qs(web.query)["host"] == [str(cluster.of_home(chosen.home).sockets)]


def test_a_long_path_gets_a_short_private_folder_for_its_socket(folder: Path) -> None:
    deep = folder / ("long" * 20)
    found = cluster.of_home(deep)
    assert len(os.fsencode(found.sockets / ".s.PGSQL.5432")) <= home.SOCKET_PATH_BYTES
    cluster.start(found)
    try:
        assert found.sockets.stat().st_mode & 0o777 == 0o700
        with connect(found) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        cluster.stop(found)
        found.sockets.rmdir()


def test_a_folder_of_somebody_else_is_refused(folder: Path) -> None:
    (folder / "run").symlink_to("/tmp")
    with pytest.raises(home.HomeError, match="belongs to somebody else"):
        home.private_folder(folder / "run", None)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the database to another user")
def test_a_home_where_only_root_may_enter_is_kept_elsewhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "SHELTER", folder / "shelter")
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    real = home.settle(closed / "var")
    assert real.parent == folder / "shelter"
    assert (closed / "var").resolve() == real
    assert home.settle(closed / "var") == real


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the database to another user")
def test_a_full_home_where_only_root_may_enter_is_refused_with_advice(folder: Path) -> None:
    closed = folder / "closed"
    (closed / "var").mkdir(parents=True)
    closed.chmod(0o700)
    (closed / "var" / "something").touch()
    with pytest.raises(home.HomeError, match="Move it to"):
        home.settle(closed / "var")


def test_a_wrong_verb_is_answered_with_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert cluster.main(["dance"]) == 2
    assert "run|start|stop|status" in capsys.readouterr().err
