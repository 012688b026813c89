"""The server of our pages, over sockets: every request is answered once, however it arrives."""

import select
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from web.server import STAYS_MS, gunicorn

ROOT = Path(__file__).resolve().parent.parent.parent
SERVED = "tests.web.test_server:application"
# Longer than a thread stays.
SILENCE_S = 10 * STAYS_MS / 1000


def application(environ: dict[str, str], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Say the path that was asked for."""
    said = environ["PATH_INFO"].encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(said)))])
    return [said]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # The socket is handed on, so that nobody else can take the port in between.
        command = gunicorn(f"fd://{listening.fileno()}", "--log-level", "warning", app=SERVED)
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *command[1:]], cwd=ROOT, pass_fds=[listening.fileno()]
        )
        try:
            yield listening.getsockname()[1]
        finally:
            process.terminate()
            assert process.wait(timeout=30) == 0


@pytest.fixture
def line(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as opened:
        yield opened


def ask(line: socket.socket, *paths: str) -> None:
    line.sendall(b"".join(f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode() for path in paths))


def answers(line: socket.socket, count: int) -> list[str]:
    """Return the bodies of as many answers as were asked for."""
    got = b""
    while got.count(b"\r\n\r\n/") < count or not got.endswith(b"."):
        more = line.recv(65_536)
        assert more, "the server hung up"
        got += more
    return [part.split(b".", 1)[0].decode() for part in got.split(b"\r\n\r\n")[1:]]


def is_silent(line: socket.socket) -> bool:
    return select.select([line], [], [], SILENCE_S) == ([], [], [])


def test_questions_that_follow_one_another_are_answered_in_turn(line: socket.socket) -> None:
    for n in range(50):
        ask(line, f"/{n}.")
        assert answers(line, 1) == [f"/{n}"]


def test_questions_that_come_together_are_answered_in_turn(line: socket.socket) -> None:
    ask(line, "/a.", "/b.", "/c.")
    assert answers(line, 3) == ["/a", "/b", "/c"]
    assert is_silent(line)


def test_a_connection_that_was_silent_for_a_while_is_answered(line: socket.socket) -> None:
    for path in ("/before", "/after"):
        ask(line, f"{path}.")
        assert answers(line, 1) == [path]
        assert is_silent(line)


def test_half_a_question_is_answered_once_it_is_whole(line: socket.socket) -> None:
    ask(line, "/first.")
    assert answers(line, 1) == ["/first"]
    line.sendall(b"GET /second. HTTP/1.1\r\nHo")
    assert is_silent(line)
    line.sendall(b"st: here\r\n\r\n")
    assert answers(line, 1) == ["/second"]


def test_who_hangs_up_after_an_answer_disturbs_nobody(port: int, line: socket.socket) -> None:
    for _ in range(100):
        with socket.create_connection(("127.0.0.1", port), timeout=30) as passing:
            ask(passing, "/passing.")
            assert answers(passing, 1) == ["/passing"]
    ask(line, "/staying.")
    assert answers(line, 1) == ["/staying"]


def test_more_connections_than_threads_are_all_answered(port: int) -> None:
    lines = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(150)]
    try:
        for turn in range(3):
            for n, line in enumerate(lines):
                ask(line, f"/{turn}-{n}.")
            assert [answers(line, 1)[0] for line in lines] == [f"/{turn}-{n}" for n in range(len(lines))]
    finally:
        for line in lines:
            line.close()
