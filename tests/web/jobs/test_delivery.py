"""A message on its way meets slow, silent and odd servers; each costs a bounded time and has a name."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from data.notice_channels import Channel
from web.jobs.delivery import Delivery, Reason, mail, post

NOW = datetime.now(UTC)


@contextmanager
def server_that(acts: Callable[[socket.socket, threading.Event], None]) -> Iterator[int]:
    """Run a server that does `acts` with whoever comes, until it is over."""
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            with suppress(OSError):
                client, _ = listener.accept()
                with client:
                    acts(client, over)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            thread.join()


def drips(start: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """Return what a server does that answers a little, for ever."""

    def act(client: socket.socket, over: threading.Event) -> None:
        client.sendall(start)
        while not over.wait(0.05):
            client.sendall(b"x")

    return act


def says(words: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """Return what a server does that says one thing once it has heard everything."""

    def act(client: socket.socket, over: threading.Event) -> None:
        client.settimeout(2)
        heard = client.recv(65_536)
        # A hello of TLS ends otherwise than the body of a message.
        while not heard.endswith(b"{}") and heard[:1] != b"\x16":
            heard += client.recv(65_536)
        client.sendall(words)

    return act


def is_silent(client: socket.socket, over: threading.Event) -> None:
    over.wait(20)


def posted(port: int, scheme: str = "http", *, total_s: float = 5.0) -> Delivery:
    channel = Channel(name="x", way="webhook", url=f"{scheme}://127.0.0.1:{port}", secret="s" * 16)
    return asyncio.run(post(channel, b"{}", notice_id=1, now=NOW, total_s=total_s))


def mailed(port: int, *, total_s: float = 5.0) -> Delivery:
    message = EmailMessage()
    message["From"], message["To"] = "a@b.test", "c@d.test"
    channel = Channel(name="x", way="mail", host="127.0.0.1", port=port, security="none")
    return asyncio.run(mail(channel, message, total_s=total_s))


@pytest.mark.parametrize(
    ("acts", "reason"),
    [
        (is_silent, Reason.TIMEOUT),
        (drips(b"HTTP/1.1 2"), Reason.TIMEOUT),
        # It was taken, whatever follows.
        (drips(b"HTTP/1.1 200 OK\r\nX-Long: "), None),
        (drips(b"HTTP/1.1 100 Continue\r\n"), Reason.TIMEOUT),
        (says(b"good day\r\n\r\n"), Reason.BAD_REPLY),
        (says(b""), Reason.BAD_REPLY),
        (says(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 1000 + b"\r\n"), Reason.BAD_REPLY),
        (says(b"HTTP/1.1 301 Away\r\nLocation: http://127.0.0.1:1/\r\n\r\n"), Reason.REDIRECT),
        (says(b"HTTP/1.1 418 No\r\n\r\n"), Reason.STATUS),
        (says(b"HTTP/1.1 204 Done\r\n\r\n"), None),
        (says(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"), None),
    ],
)
def test_an_odd_receiver_costs_a_bounded_time(
    acts: Callable[[socket.socket, threading.Event], None], reason: Reason | None
) -> None:
    with server_that(acts) as port:
        assert posted(port, total_s=0.5 if reason is Reason.TIMEOUT else 5.0).reason is reason


def test_a_receiver_without_tls_is_named() -> None:
    with server_that(says(b"HTTP/1.1 200 OK\r\n\r\n")) as port:
        assert posted(port, "https").reason is Reason.TLS


@pytest.mark.parametrize(
    ("acts", "reason"),
    [
        (is_silent, Reason.TIMEOUT),
        (drips(b"220 "), Reason.TIMEOUT),
        (lambda client, over: client.sendall(b"554 go away\r\n"), Reason.MAIL),
        (lambda client, over: None, Reason.BAD_REPLY),
    ],
)
def test_an_odd_mail_server_costs_a_bounded_time(
    acts: Callable[[socket.socket, threading.Event], None], reason: Reason
) -> None:
    with server_that(acts) as port:
        assert mailed(port, total_s=0.5 if reason is Reason.TIMEOUT else 5.0).reason is reason


def test_nobody_there_is_unreachable() -> None:
    assert posted(1).reason is Reason.UNREACHABLE
    assert mailed(1).reason is Reason.UNREACHABLE
