"""How our pages are served: the command of gunicorn, and its threads, which stay a moment for the next question.

A map asks for twenty tiles over six connections, one right after the other. Handing each question from the thread that
listens to a thread that answers, and the connection back again, costs as much as answering it.
"""

import select
import sys
from pathlib import Path

from gunicorn.workers.gthread import TConn, ThreadWorker

# The pages, and the intake of alarm signals, which shares no process with them.
PAGES, INTAKE = "web.app:create_app()", "web.signals:create_app()"
# Threads, because every open wall holds one for its stream of events.
OPTIONS = "--worker-class web.server.Worker --workers 1 --threads 64 --keep-alive 30 --timeout 120 --graceful-timeout 3"
# A browser on the same network has read an answer and asked again by then.
STAYS_MS = 3


def gunicorn(bind: str, *more: str, app: str) -> tuple[str, ...]:
    """Return the command that serves `app` at an address."""
    program = str(Path(sys.executable).parent / "gunicorn")
    return (program, "--no-control-socket", *OPTIONS.split(), "--bind", bind, *more, app)


class Worker(ThreadWorker):  # type: ignore[misc]
    """A worker whose threads wait a moment for the next request of the connection they have just answered."""

    def handle(self, conn: TConn) -> object:
        """Answer requests of a connection until none follows at once; returns what gunicorn does with it then."""
        kept: object = super().handle(conn)
        while kept is True and self.alive and not conn.is_http2 and _asks_again(conn):
            kept = super().handle(conn)
        return kept


def _asks_again(conn: TConn) -> bool:
    waiting = select.poll()
    waiting.register(conn.sock, select.POLLIN)
    return bool(waiting.poll(STAYS_MS))
