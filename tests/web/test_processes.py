"""Everything starts with one command, comes back by itself, and leaves nothing behind when it is stopped."""

import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from supervisor.options import ServerOptions

from data import certificates, settings
from web import processes

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "web" / "processes.py"


def wait_until(claim: str, is_true: Callable[[], object]) -> None:
    """Wait until `is_true` says so, for a minute."""
    deadline = time.monotonic() + 60
    pause = threading.Event()
    while not is_true():
        assert time.monotonic() < deadline, f"not within a minute: {claim}"
        pause.wait(0.1)


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Installation:
    """An installation of its own on free ports, on the loopback only."""

    home: Path
    environment: dict[str, str]

    @property
    def chosen(self) -> settings.Settings:
        return settings.read(self.environment, code_folder=ROOT)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", str(SCRIPT), *words]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True)

    def processes(self) -> dict[str, int]:
        """Return process number by program, of those that run."""
        lines = [line.split() for line in self.run("status").stdout.splitlines() if " RUNNING " in line]
        return {words[0]: int(words[3].rstrip(",")) for words in lines}

    def status_of(self, path: str, *, secure: bool = False) -> int | None:
        trusted = certificates.of_home(self.home).authority
        port = self.chosen.https_port if secure else self.chosen.port
        connection = (
            http.client.HTTPSConnection("localhost", port, context=ssl.create_default_context(cafile=trusted))
            if secure
            else http.client.HTTPConnection("127.0.0.1", port)
        )
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return None
        finally:
            connection.close()


@pytest.fixture
def stopped() -> Iterator[Installation]:
    """Return an installation that was never started."""
    folder = Path(tempfile.mkdtemp(prefix="sharpeyes-test-"))
    folder.chmod(0o755)
    variables = ("PORT", "HTTPS_PORT", "SIGNALS_PORT", "SIGNALS_HTTPS_PORT")
    ports = {f"SHARPEYES_{name}": str(free_port()) for name in variables}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SHARPEYES_", "DATABASE_"))}
    made = Installation(folder, {**kept, **ports, "SHARPEYES_HOME": str(folder), "SHARPEYES_BIND": "127.0.0.1"})
    yield made
    made.run("stop")
    shutil.rmtree(folder)


@pytest.mark.timeout(300)
def test_every_program_comes_back_after_kill_9_and_stop_leaves_nothing(stopped: Installation) -> None:
    started = stopped.run("start")
    assert started.returncode == 0, started.stderr
    assert f"http://127.0.0.1:{stopped.chosen.port}/" in started.stdout
    assert stopped.status_of("/readyz") == 200
    every = {program.name for program in processes.programs(stopped.chosen, demo=False)}
    wait_until("every program runs", lambda: set(stopped.processes()) == every)
    wait_until("pages are served over HTTPS", lambda: stopped.status_of("/readyz", secure=True) == 200)
    before = stopped.processes()
    for name in ("web", "worker-look", "postgres"):
        os.kill(before[name], signal.SIGKILL)
    wait_until("every program runs again", lambda: set(stopped.processes()) == set(before))
    after = stopped.processes()
    assert {name for name in before if before[name] == after[name]} >= {"web-tls"}
    assert not {name for name in ("web", "worker-look", "postgres") if before[name] == after[name]}
    wait_until("pages are served again", lambda: stopped.status_of("/readyz") == 200)
    assert stopped.run("stop").stdout == "stopped\n"
    assert [pid for pid in after.values() if Path(f"/proc/{pid}").exists()] == []
    assert stopped.run("stop").stdout == "nothing was running\n"


def test_a_port_that_another_program_has_is_named_before_anything_starts(stopped: Installation) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", stopped.chosen.port))
        taken.listen()
        refused = stopped.run("start")
    assert refused.returncode == 1
    assert "Set SHARPEYES_PORT to another" in refused.stderr
    assert stopped.run("status").stdout == "nothing is running\n"


@pytest.mark.parametrize("value", ["abc", "0", "70000"])
def test_a_setting_that_cannot_be_used_is_one_sentence(value: str, stopped: Installation) -> None:
    stopped.environment["SHARPEYES_PORT"] = value
    refused = stopped.run("start")
    assert refused.returncode == 1
    assert refused.stderr.startswith("SHARPEYES_PORT")
    assert len(refused.stderr.splitlines()) == 1
    stopped.environment["SHARPEYES_PORT"] = str(free_port())


@pytest.mark.parametrize("name", ["plain", "50%", "with space", "it's", "雪亮"])
def test_supervisor_understands_a_home_of_any_name(name: str, tmp_path: Path) -> None:
    chosen = settings.read({"SHARPEYES_HOME": str(tmp_path / name)}, code_folder=ROOT)
    chosen.logs.mkdir(parents=True)
    file = tmp_path / "supervisord.conf"
    file.write_text(processes.config(chosen, demo=True, run=tmp_path))
    options = ServerOptions()
    options.realize(["-c", str(file)])
    programs = {program.name: program for group in options.process_group_configs for program in group.process_configs}
    assert set(programs) == {program.name for program in processes.programs(chosen, demo=True)}
    assert programs["web"].stdout_logfile == str(chosen.logs / "web.log")
    assert str(certificates.of_home(chosen.home).server) in programs["web-tls"].command.replace("'\"'\"'", "'")


@pytest.mark.parametrize(("demo", "url", "expected"), [(False, "", {"postgres"}), (True, "", {"postgres", "lab"})])
def test_what_runs_follows_the_settings(demo: bool, url: str, expected: set[str]) -> None:
    names = {program.name for program in processes.programs(settings.read({}, code_folder=ROOT), demo=demo)}
    served = settings.read({"DATABASE_URL": "postgresql://db.example/grid"}, code_folder=ROOT)
    assert expected <= names
    assert names - {program.name for program in processes.programs(served, demo=demo)} == {"postgres"}


def test_the_certificate_is_made_before_anything_listens(tmp_path: Path) -> None:
    chosen = settings.read({"SHARPEYES_HOME": str(tmp_path)}, code_folder=ROOT)
    files = certificates.ensure(tmp_path, certificates.local_hosts(chosen), at=datetime.now(UTC))
    command = next(program.command for program in processes.programs(chosen, demo=False) if program.name == "web-tls")
    assert str(files.server) in command
