"""The server of our pages, over sockets: every request is answered once, and open streams hold up none."""

import os
import select
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from threading import Event

import pytest

from data import certificates
from web import server

ROOT = Path(__file__).resolve().parent.parent.parent
SERVED = "tests.web.test_server:factory"
SILENCE_S = 0.03
STREAMS = 40
WITHIN_S = 30.0

Answer = Callable[..., object]
open_streams: set[Event] = set()


def factory() -> Callable[[dict[str, str], Answer], Iterable[bytes]]:
    """Return an application, in a process that ends with its parent."""
    server.end_with_parent()
    return application


def application(environ: dict[str, str], start_response: Answer) -> Iterable[bytes]:
    """Say the path that was asked for, how many streams are open, or stream."""
    if environ["PATH_INFO"] == "/stream":
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        return stream(Event())
    told = {"/open": str(len(open_streams)), "/scheme": environ["wsgi.url_scheme"]}
    said = told.get(environ["PATH_INFO"], environ["PATH_INFO"]).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(said)))])
    return [said]


def stream(own: Event) -> Iterator[bytes]:
    open_streams.add(own)
    try:
        while True:
            yield b": alive\n\n"
            own.wait(0.1)
    finally:
        open_streams.discard(own)


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def is_taken(port: int) -> bool:
    """Say whether somebody listens."""
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def wait_for(port: int) -> None:
    """Wait until somebody listens."""
    until = time.monotonic() + WITHIN_S
    while not is_taken(port):
        assert time.monotonic() < until, "nobody listens"
        select.select([], [], [], 0.05)


def served(*more: str) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """Serve the application; yields the port and the process that watches over the server."""
    port = free_port()
    with subprocess.Popen(server.command("127.0.0.1", port, *more, app=SERVED), cwd=ROOT) as process:
        try:
            wait_for(port)
            yield port, process
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    for number, process in served():
        yield number
        process.terminate()
        assert process.wait(timeout=WITHIN_S) == 0


@pytest.fixture
def line(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as opened:
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


def said_to(port: int, path: str) -> str:
    """Return what is answered to a question on a connection of its own."""
    connection = HTTPConnection("127.0.0.1", port, timeout=WITHIN_S)
    connection.request("GET", path)
    body = connection.getresponse().read().decode()
    connection.close()
    return body


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
        with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as passing:
            ask(passing, "/passing.")
            assert answers(passing, 1) == ["/passing"]
    ask(line, "/staying.")
    assert answers(line, 1) == ["/staying"]


def test_more_connections_than_threads_are_all_answered(port: int) -> None:
    lines = [socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) for _ in range(150)]
    try:
        for turn in range(3):
            for n, line in enumerate(lines):
                ask(line, f"/{turn}-{n}.")
            assert [answers(line, 1)[0] for line in lines] == [f"/{turn}-{n}" for n in range(len(lines))]
    finally:
        for line in lines:
            line.close()


def test_open_streams_hold_up_no_question_and_end_with_their_readers(port: int) -> None:
    lines = []
    for n in range(STREAMS):
        lines.append(socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S))
        ask(lines[-1], "/stream")
        assert lines[-1].recv(65_536).startswith(b"HTTP/1.1 200 OK")
        assert said_to(port, "/open") == str(n + 1)
    for line in lines:
        line.close()
    until = time.monotonic() + WITHIN_S
    while said_to(port, "/open") != "0":
        assert time.monotonic() < until, "streams stay open without readers"


def test_a_server_with_open_streams_stops() -> None:
    for port, process in served():
        with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as line:
            ask(line, "/stream")
            assert line.recv(65_536)
            process.terminate()
            assert process.wait(timeout=WITHIN_S) == 0


def test_a_server_does_not_outlive_the_process_that_watches_over_it() -> None:
    for port, process in served():
        with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as line:
            ask(line, "/here.")
            assert answers(line, 1) == ["/here"]
            os.kill(process.pid, signal.SIGKILL)
            assert line.recv(1) == b""
        until = time.monotonic() + WITHIN_S
        while is_taken(port):
            assert time.monotonic() < until, "somebody still listens"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_one_file_of_certificate_and_key_is_enough_for_https(version: ssl.TLSVersion, tmp_path: Path) -> None:
    files = certificates.ensure(tmp_path, ["localhost"], at=datetime.now(UTC))
    trusting = ssl.create_default_context(cafile=files.authority)
    trusting.minimum_version = trusting.maximum_version = version
    for port, _ in served(*server.secured(files.server)):
        connection = HTTPSConnection("localhost", port, timeout=WITHIN_S, context=trusting)
        connection.request("GET", "/scheme")
        assert connection.getresponse().read() == b"https"
        connection.close()
