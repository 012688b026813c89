"""What runs together: the list of programs, and starting and stopping all of it under supervisor.

Run as a script by run.sh once everything is installed, without loading the pages, so that it is quick. Supervisor
restarts each program alone; `setpriv` ends them should supervisor itself be killed, and a database left over that way
is taken over by the next start.
"""

import argparse
import http.client
import os
import select
import shlex
import socket
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import Template
from typing import cast

from supervisor.xmlrpc import SupervisorTransport

from data import accounts, certificates, cluster, db, home, migrate, options, settings
from data.errors import Refusal
from data.settings import Settings
from web import server

CODE = Path(__file__).resolve().parent.parent
READY_WITHIN_S = 60.0
STOPPED_WITHIN_S = 90.0
_SOCKET_NAME = "supervisor.sock.1234567"


class StartError(Refusal):
    """The system cannot be started or stopped; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One process that supervisor keeps alive. A low `priority` starts first and stops last."""

    name: str
    command: tuple[str, ...]
    priority: int = 10
    starts_itself: bool = False
    stop_signal: str = "TERM"


def programs(chosen: Settings, *, demo: bool) -> Iterator[Program]:
    """Return what runs in an installation; a new process is one line here."""
    python = sys.executable
    sharpeyes = str(Path(python).parent / "sharpeyes")
    if not chosen.database_url:
        run = (python, "-m", "data.cluster", "run")
        yield Program(name="postgres", command=run, priority=1, starts_itself=True, stop_signal="INT")
    secure = server.secured(certificates.of_home(chosen.home).server)
    for name, app, port, tls_port in (
        ("web", server.PAGES, chosen.port, chosen.https_port),
        ("signals", server.INTAKE, chosen.signals_port, chosen.signals_https_port),
    ):
        yield Program(name=name, command=server.command("127.0.0.1", port, app=app))
        yield Program(name=f"{name}-tls", command=server.command(chosen.bind, tls_port, *secure, app=app))
    yield Program(name="worker-look", command=(sharpeyes, "worker", "--queues", "look"))
    yield Program(name="worker-compute", command=(sharpeyes, "worker", "--queues", "compute"))
    yield Program(name="worker-notices", command=(sharpeyes, "worker", "--queues", "notices"))
    if demo:
        yield Program(name="lab", command=(python, *_lab(chosen), "--control", "0"))


def config(chosen: Settings, *, demo: bool, run: Path) -> str:
    """Return the text of supervisor's configuration for this installation."""
    head = Template((CODE / "web" / "supervisord.conf").read_text()).substitute(
        logs=_word(str(chosen.logs)),
        run=_word(str(run)),
        code=_word(str(CODE)),
        # Supervisor wants to hear that root is meant.
        user="user = root" if os.geteuid() == 0 else "",
    )
    every = list(programs(chosen, demo=demo))
    return "\n".join([head, *(_section(program, chosen.logs) for program in every), _group(every)])


def start(chosen: Settings, *, demo: bool) -> None:
    """Start everything, or what does not run yet, and wait until pages are served."""
    run = _run_folder(chosen)
    # Once the cameras of a home live in the lab, they live there at every start.
    demo = demo or _cast_file(chosen).exists()
    running = _supervisor_pid(run) is not None
    if not running:
        _refuse_taken_ports(chosen)
    chosen.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
    certificates.ensure(chosen.home, certificates.local_hosts(chosen), at=datetime.now(UTC))
    file = chosen.home / "supervisord.conf"
    file.write_text(config(chosen, demo=demo, run=run))
    if running:
        _call("supervisorctl", "-c", str(file), "update")
    else:
        _call("supervisord", "-c", str(file))
    cluster.ensure_running(chosen)
    migrate.upgrade(db.engine())
    if demo and not _demonstration_is_there():
        _call("sharpeyes", "demo")
        # Encoded before anybody looks: a camera that is still drawing would be called silent.
        _call("python", *_lab(chosen), "--encode")
    _start_programs(run, "web")
    _wait_until_ready(chosen, run)
    # The rest loads its code while the first page is read already.
    _start_programs(run)


def stop(chosen: Settings) -> bool:
    """Stop what `start` started, and a database that a command started; return whether anything ran."""
    run = _run_folder(chosen)
    pid = _supervisor_pid(run)
    if pid is not None:
        _supervisor(run).supervisor.shutdown()
        _wait_until_gone(pid)
    database = not chosen.database_url and cluster.stop(cluster.of_home(chosen.home))
    return pid is not None or database


def status(chosen: Settings) -> list[str]:
    """Return one line per program, and whether pages are served."""
    run = _run_folder(chosen)
    if _supervisor_pid(run) is None:
        return ["nothing is running"]
    lines = [f"{each['name']:15} {each['statename']:9} {each['description']}" for each in _states(run)]
    return [*lines, *addresses(chosen), "ready" if _is_ready(chosen) else "not ready"]


def addresses(chosen: Settings) -> list[str]:
    """Return where the pages are: on this machine, and for everybody else."""
    hosts = [host for host in certificates.local_hosts(chosen) if host not in ("localhost", "127.0.0.1", "::1")]
    return [
        f"http://127.0.0.1:{chosen.port}/",
        *(f"https://{_bracketed(host)}:{chosen.https_port}/" for host in hosts),
    ]


def _demonstration_is_there() -> bool:
    with db.transaction() as session:
        return bool(options.value(session, "demonstration"))


def _lab(chosen: Settings) -> tuple[str, ...]:
    return ("-m", "video.lab", "--cameras", str(_cast_file(chosen)), "--clips", str(chosen.home / "demo" / "clips"))


def _cast_file(chosen: Settings) -> Path:
    return chosen.home / "demo" / "cameras.json"


def _section(program: Program, logs: Path) -> str:
    # Supervisor fills in log files twice, so a % in the path is doubled twice.
    log = _word(_word(str(logs / program.name)))
    # The database drops to another user, which makes the kernel forget the signal; it is taken over instead.
    prefix = () if program.starts_itself else ("setpriv", "--pdeathsig", "TERM", "--")
    return f"""
[program:{program.name}]
command = {_word(shlex.join((*prefix, *program.command)))}
priority = {program.priority}
autostart = {str(program.starts_itself).lower()}
autorestart = true
startretries = 1000
stopsignal = {program.stop_signal}
stopwaitsecs = 60
killasgroup = true
redirect_stderr = true
stdout_logfile = {log}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 5
"""


def _group(every: list[Program]) -> str:
    # One group ends at once; supervisor ends groups one after another, the database last.
    names = ",".join(program.name for program in every if not program.starts_itself)
    return f"""
[group:programs]
programs = {names}
priority = 10
"""


def _word(text: str) -> str:
    return text.replace("%", "%%")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _run_folder(chosen: Settings) -> Path:
    real = home.settle(chosen.home)
    folder = home.socket_folder(real, _SOCKET_NAME)
    user = None if chosen.database_url else home.unprivileged_user(real / "database")
    return home.private_folder(folder, user)


def _supervisor(run: Path) -> xmlrpc.client.ServerProxy:
    transport = SupervisorTransport(None, None, f"unix://{run}/supervisor.sock")
    return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=cast(xmlrpc.client.Transport, transport))


def _supervisor_pid(run: Path) -> int | None:
    try:
        return cast(int, _supervisor(run).supervisor.getPID())
    except OSError:
        return None


def _start_programs(run: Path, *names: str) -> None:
    """Start the programs of these names, or all, that do not run yet; do not wait until they do."""
    for each in _states(run):
        if each["statename"] not in ("RUNNING", "STARTING", "BACKOFF") and (not names or each["name"] in names):
            _supervisor(run).supervisor.startProcess(f"{each['group']}:{each['name']}", False)


def _states(run: Path) -> list[dict[str, str]]:
    return cast(list[dict[str, str]], _supervisor(run).supervisor.getAllProcessInfo())


def _call(name: str, *words: str) -> None:
    """Run one of the installed programs, showing what it says."""
    ended = subprocess.run([Path(sys.executable).parent / name, *words], stdout=sys.stderr, cwd=CODE, check=False)  # noqa: S603
    if ended.returncode:
        raise StartError(f"{name} {words[0]} failed; the lines above say why. ./run.sh stop ends what runs already.")


def _refuse_taken_ports(chosen: Settings) -> None:
    """Say which port another program has, before anything is started."""
    wanted = (
        ("127.0.0.1", chosen.port, "SHARPEYES_PORT"),
        ("127.0.0.1", chosen.signals_port, "SHARPEYES_SIGNALS_PORT"),
        (chosen.bind, chosen.https_port, "SHARPEYES_HTTPS_PORT"),
        (chosen.bind, chosen.signals_https_port, "SHARPEYES_SIGNALS_HTTPS_PORT"),
    )
    for address, port, variable in wanted:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((address, port))
            except OSError as error:
                reason = f"Port {port} on {address} cannot be used: {error.strerror}."
                raise StartError(f"{reason} Set {variable} to another.") from error


def _is_ready(chosen: Settings) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", chosen.port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _wait_until_ready(chosen: Settings, run: Path) -> None:
    """Wait for the first page; the message of a failure names the log to read."""
    deadline = time.monotonic() + READY_WITHIN_S
    while not _is_ready(chosen):
        if time.monotonic() > deadline:
            weak = [each["name"] for each in _states(run) if each["statename"] != "RUNNING"] or ["web"]
            raise StartError(f"No page is served within {READY_WITHIN_S:.0f} s. See {chosen.logs}/{weak[0]}.log.")
        time.sleep(0.2)


def _wait_until_gone(pid: int) -> None:
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    if not select.select([watched], [], [], STOPPED_WITHIN_S)[0]:
        raise StartError(f"Supervisor (process {pid}) did not end within {STOPPED_WITHIN_S:.0f} s.")


def main(words: list[str]) -> int:
    """Start, stop or show the system; return the exit code."""
    parser = argparse.ArgumentParser(prog="./run.sh")
    parser.add_argument("verb", choices=("start", "stop", "status"))
    parser.add_argument("--demo", action="store_true", help="fill in a made-up county and run its cameras")
    asked = parser.parse_args(words)
    try:
        return _obey(asked.verb, settings.get(), demo=asked.demo)
    except (Refusal, settings.BadSetting) as error:
        print(error, file=sys.stderr)
        return 1


def _obey(verb: str, chosen: Settings, *, demo: bool) -> int:
    if verb == "status":
        print("\n".join(status(chosen)))
    elif verb == "stop":
        print("stopped" if stop(chosen) else "nothing was running")
    else:
        start(chosen, demo=demo)
        print("\n".join(addresses(chosen)))
        with db.transaction() as session:
            known = accounts.any_there(session)
        if not known:
            _call("sharpeyes", "account", "first")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
