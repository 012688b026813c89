"""Carry a message to where it shall go: a signed webhook or mail. Never raises; says how it went.

No redirect is followed, no proxy is used, nothing of an answer is kept but its number or its refusal in one line, and
every way ends in time, however slowly the other side talks.
"""

import asyncio
import http.client
import secrets
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit

from data.notice_channels import Channel
from video.alarms.http import sign

# What one delivery may take at most, and one step of it; seconds.
TOTAL_S = 30.0
STEP_S = 10.0
# Who signs; receivers that know several senders tell them apart by it.
SENDER = "sharpeyes"
_ANSWER_LENGTH = 200
_MAIL_READY = 220

Client = http.client.HTTPConnection | smtplib.SMTP
C = TypeVar("C", http.client.HTTPConnection, smtplib.SMTP)


class Reason(StrEnum):
    """Why a message did not arrive."""

    NO_NAME = "no_name"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    TLS = "tls"
    REDIRECT = "redirect"
    STATUS = "status"
    MAIL = "mail"
    LOGIN = "login"
    SECRET = "secret"  # noqa: S105  a reason, no secret
    BAD_REPLY = "bad_reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How it went: no reason means that it arrived. `answer` is what the other side said, cut short."""

    reason: Reason | None = None
    answer: str = ""

    def __str__(self) -> str:
        """Return the reason as one word, and the answer after it."""
        return f"{self.reason or ''} {self.answer}".strip()


async def post(channel: Channel, body: bytes, *, notice_id: int, now: datetime, total_s: float = TOTAL_S) -> Delivery:
    """Send `body` to the webhook of a channel, signed as devices sign their presses."""
    url = urlsplit(channel.url)
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    nonce = secrets.token_hex(16)
    signed = sign("POST", path, device=SENDER, secret=channel.secret, body=body, at=now, nonce=nonce)
    headers = signed.headers() | {"Content-Type": "application/json", "X-Notice": str(notice_id), "Connection": "close"}

    def talk(client: http.client.HTTPConnection) -> Delivery:
        client.request("POST", path, body, headers)
        return _of_status(client.getresponse().status)

    host = url.hostname or ""
    client = http.client.HTTPConnection(host, url.port, timeout=STEP_S)
    if url.scheme == "https":
        client = http.client.HTTPSConnection(host, url.port, timeout=STEP_S, context=_context(channel))
    return await _in_time(client, talk, total_s)


async def mail(channel: Channel, message: EmailMessage, *, total_s: float = TOTAL_S) -> Delivery:
    """Hand `message` to the mail server of a channel."""

    def talk(client: smtplib.SMTP) -> Delivery:
        _connect(client, channel)
        refused = client.send_message(message)
        # The message is theirs by now; however they say goodbye, it must not be sent again.
        with suppress(smtplib.SMTPException, OSError):
            client.quit()
        return Delivery(answer=_said(*next(iter(refused.values()))) if refused else "")

    return await _in_time(_mail_client(channel), talk, total_s)


async def _in_time(client: C, talk: Callable[[C], Delivery], total_s: float) -> Delivery:
    """Talk in a thread; what is not done in time is cut off and left."""
    try:
        return await asyncio.wait_for(asyncio.to_thread(_talk, client, talk, total_s), total_s + STEP_S)
    except TimeoutError:
        return Delivery(reason=Reason.TIMEOUT)


def _talk(client: C, talk: Callable[[C], Delivery], total_s: float) -> Delivery:
    # A server that answers a little now and then would never be late by the timeout of a step.
    was_cut = threading.Event()
    late = threading.Timer(total_s, _cut, [client, was_cut])
    late.daemon = True
    late.start()
    try:
        return talk(client)
    except (smtplib.SMTPException, http.client.HTTPException, OSError, ValueError) as error:
        return Delivery(reason=Reason.TIMEOUT) if was_cut.is_set() else _of_error(error)
    finally:
        late.cancel()
        client.close()


def _cut(client: Client, was_cut: threading.Event) -> None:
    was_cut.set()
    with suppress(OSError):
        if client.sock is not None:
            client.sock.shutdown(socket.SHUT_RDWR)


def _mail_client(channel: Channel) -> smtplib.SMTP:
    """Return a client that is not connected yet, so that it can be cut off while it is."""
    if channel.security == "tls":
        client: smtplib.SMTP = smtplib.SMTP_SSL(local_hostname=SENDER, timeout=STEP_S, context=_context(channel))
    else:
        client = smtplib.SMTP(local_hostname=SENDER, timeout=STEP_S)
    # The name that the certificate must be for; smtplib notes it only when it connects at once.
    client._host = channel.host  # type: ignore[attr-defined]
    return client


def _connect(client: smtplib.SMTP, channel: Channel) -> None:
    code, words = client.connect(channel.host, channel.port)
    if code != _MAIL_READY:
        raise smtplib.SMTPConnectError(code, words)
    if channel.security == "starttls":
        client.starttls(context=_context(channel))
    if channel.username:
        client.login(channel.username, channel.password)


def _context(channel: Channel) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if channel.authority:
        context.load_verify_locations(cadata=channel.authority)
    return context


def _of_status(status: int) -> Delivery:
    if 200 <= status < 300:
        return Delivery(answer=f"HTTP {status}")
    return Delivery(reason=Reason.REDIRECT if 300 <= status < 400 else Reason.STATUS, answer=f"HTTP {status}")


# Errors to reasons, the first that fits.
_REASONS: tuple[tuple[type[BaseException], Reason], ...] = (
    (socket.gaierror, Reason.NO_NAME),
    (TimeoutError, Reason.TIMEOUT),
    (ssl.SSLError, Reason.TLS),
    (smtplib.SMTPAuthenticationError, Reason.LOGIN),
    (smtplib.SMTPServerDisconnected, Reason.BAD_REPLY),
    (smtplib.SMTPException, Reason.MAIL),
    (http.client.HTTPException, Reason.BAD_REPLY),
    (ConnectionResetError, Reason.BAD_REPLY),
    (BrokenPipeError, Reason.BAD_REPLY),
    (OSError, Reason.UNREACHABLE),
)


def _of_error(error: BaseException) -> Delivery:
    reason = next((reason for kind, reason in _REASONS if isinstance(error, kind)), Reason.BAD_REPLY)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return Delivery(reason=reason, answer=_said(*next(iter(error.recipients.values()))))
    if isinstance(error, smtplib.SMTPResponseException):
        return Delivery(reason=reason, answer=_said(error.smtp_code, error.smtp_error))
    return Delivery(reason=reason)


def _said(code: int, words: bytes | str) -> str:
    """Return what a mail server said, in one short line."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"SMTP {code} {' '.join(text.split())}"[:_ANSWER_LENGTH]
