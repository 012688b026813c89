"""How our pages are served: the command of granian, and what a process of it does first.

Sockets and HTTP are read and written in Rust; Python runs for the answer alone. A map asks for twenty tiles at once,
and reading a question in Python cost ten times what answering it does.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

# The pages, and the intake of alarm signals, which shares no process with them.
PAGES, INTAKE = "web.app:served", "web.signals:served"
# Threads, because every open wall holds one for its stream of events; one process, because it hears of changes once.
OPTIONS = (
    *("--interface", "wsgi", "--http", "1", "--no-ws", "--factory", "--workers", "1", "--blocking-threads", "64"),
    *("--respawn-failed-workers", "--workers-kill-timeout", "3", "--no-access-log", "--log-level", "error"),
)
_PR_SET_PDEATHSIG = 1


def command(host: str, port: int, *more: str, app: str) -> tuple[str, ...]:
    """Return the command that serves `app` at an address."""
    program = str(Path(sys.executable).parent / "granian")
    return (program, *OPTIONS, "--host", host, "--port", str(port), *more, app)


def secured(tls: Path) -> tuple[str, ...]:
    """Return the options for HTTPS with a file that holds certificates and key; TLS 1.2 is for older devices."""
    return ("--ssl-certificate", str(tls), "--ssl-keyfile", str(tls), "--ssl-protocol-min", "tls1.2")


def end_with_parent() -> None:
    """Die with the process that watches over this one: left alone it would keep the port, and share it with the next.

    Raises OSError where the kernel refuses.
    """
    parent = os.getppid()
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL):
        raise OSError(ctypes.get_errno(), "the server cannot be tied to its parent")
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
