"""Real other sides for messages: an HTTP receiver that can refuse, redirect and hang, and a mail server."""

import asyncio
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from video.alarms import http as signing

PASSWORD = "correct-horse"


@dataclass(slots=True, kw_only=True)
class Heard:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        """What the body says."""
        return dict(json.loads(self.body))

    def refusal(self, secret: str) -> signing.Refusal | None:
        """Return why the signature is not believed, checked as a receiver does."""
        signed = signing.read(self.headers)
        if isinstance(signed, signing.Refusal):
            return signed
        return signing.verify(signed, "POST", self.path, secret=secret, body=self.body, at=datetime.now(UTC))


@dataclass(slots=True)
class Receiver:
    """An HTTP server that keeps what it hears. `answers` are used up one by one; then 204."""

    answers: list[int] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)
    # While set, requests are heard and not answered.
    holds: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook?unit=1"

    def wait_for(self, count: int) -> list[Heard]:
        """Return what was heard once it is so many; ends the test when it takes too long."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.heard) >= count, timeout=30)
        return list(self.heard)

    def take(self, heard: Heard) -> int:
        """Keep a request and return how to answer it."""
        with self.arrived:
            self.heard.append(heard)
            self.arrived.notify_all()
        if self.holds.is_set():
            self.let_go.wait(30)
        return self.answers.pop(0) if self.answers else 204


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Run an HTTP receiver."""
    here = Receiver()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = here.take(Heard(path=self.path, headers=dict(self.headers), body=body))
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"http://127.0.0.1:{here.port}/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def handle(self) -> None:
            # Whoever asks may be killed, which is no error here.
            try:
                super().handle()
            except (ConnectionError, BrokenPipeError):
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    here.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield here
    finally:
        here.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()


# No slots: aiosmtpd looks at every attribute, and Python 3.11.2 stumbles over those that slots leave behind.
@dataclass
class Post:
    """A mail server that keeps what it takes, with STARTTLS and a login."""

    authority: str
    mails: list[tuple[Envelope, EmailMessage]] = field(default_factory=list)
    answer: str = "250 taken"
    port: int = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a mail."""
        mail = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append((envelope, mail))
        return self.answer


@contextmanager
def post_office(folder: Path) -> Iterator[Post]:
    """Run a mail server with a certificate of its own authority."""
    certificate, key = certificate_of(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    post = Post(authority=certificate.read_text())

    def prove(*_: object) -> AuthResult:
        data = _[-1]
        return AuthResult(success=getattr(data, "password", b"") == PASSWORD.encode(), handled=False)

    def serve() -> SMTP:
        return SMTP(post, tls_context=context, authenticator=prove, auth_required=False, loop=loop)

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(serve, "127.0.0.1", 0))
    post.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield post
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def certificate_of(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for 127.0.0.1 that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "mail.crt", folder / "mail.key"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files
