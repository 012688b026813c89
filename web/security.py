"""What browsers are told to refuse, and proof that a form came from our own page."""

import secrets

from flask import Flask, Response, g, request
from flask_wtf import CSRFProtect

csrf = CSRFProtect()
NOT_SHARED = "private, no-cache"


def init(app: Flask) -> None:
    """Protect forms and send the headers with every answer."""
    csrf.init_app(app)
    app.after_request(_harden)
    app.jinja_env.globals["nonce"] = nonce


def nonce() -> str:
    """Return the word that lets the import map of this page through, and nothing else."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def headers(*, is_secure: bool, nonce: str | None = None) -> tuple[tuple[str, str], ...]:
    """Return what every answer of the application tells the browser to refuse."""
    own = f" 'nonce-{nonce}'" if nonce else ""
    policy = (
        f"default-src 'self'; script-src 'self'{own}; img-src 'self' data: blob:; media-src 'self' blob:;"
        " object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    always = (
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        # Forms over HTTPS prove their origin by it, so it stays inside this site and goes nowhere else.
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    )
    return (*always, ("Strict-Transport-Security", "max-age=31536000")) if is_secure else always


def _harden(response: Response) -> Response:
    for name, value in headers(is_secure=request.is_secure, nonce=g.get("nonce")):
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        # What one account saw must not be shown to the next from a shared cache.
        response.headers.setdefault("Cache-Control", NOT_SHARED)
        response.vary.add("Cookie")
    return response
