"""Cookies and the key that signs them.

Browsers share cookies between the ports of a host and refuse to let plain HTTP touch a secure one, so the names carry
the port of the installation and whether the connection is secure.
"""

import os
import secrets
from datetime import datetime
from pathlib import Path

from flask import Flask, current_app, request
from flask.sessions import SecureCookieSessionInterface
from werkzeug.wrappers import Response

KEY_BYTES = 32


class FormCookie(SecureCookieSessionInterface):
    """The signed cookie that holds the secret of forms (CSRF) and nothing else."""

    def get_cookie_name(self, app: Flask) -> str:
        """Return the name for this connection."""
        return _name("forms")

    def get_cookie_secure(self, app: Flask) -> bool:
        """Return whether the browser may send it over HTTPS only."""
        return request.is_secure


def token_name() -> str:
    """Return the name of the cookie that holds the opaque token of a signed-in session."""
    return _name("token")


def language_name() -> str:
    """Return the name of the cookie that remembers the language before anybody has signed in."""
    return _name("language")


def set_token(response: Response, token: str, *, until: datetime) -> None:
    """Give the browser the token of a session."""
    response.set_cookie(
        token_name(), token, expires=until, httponly=True, samesite="Lax", secure=request.is_secure, path="/"
    )


def forget_token(response: Response) -> None:
    """Take the token from the browser."""
    response.delete_cookie(token_name(), httponly=True, samesite="Lax", secure=request.is_secure, path="/")


def set_language(response: Response, language: str) -> None:
    """Remember the language in the browser for a year."""
    response.set_cookie(
        language_name(), language, max_age=31_536_000, httponly=True, samesite="Lax", secure=request.is_secure
    )


def signing_key(folder: Path) -> bytes:
    """Return the key that signs cookies, made in `folder` the first time; every process gets the same."""
    file = folder / "cookies.key"
    if not file.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f"cookies.key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_bytes(secrets.token_bytes(KEY_BYTES))
        # Of two processes that start at once, the first to link wins and both read its key.
        try:
            file.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_bytes()


def _name(what: str) -> str:
    return named(what, port=current_app.config["PORT"], is_secure=request.is_secure)


def named(what: str, *, port: int, is_secure: bool) -> str:
    """Return the name of a cookie of the installation at `port`, for a connection that is secure or not."""
    return f"__Host-sharpeyes_{port}_{what}" if is_secure else f"sharpeyes_{port}_{what}"
