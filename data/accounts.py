"""Accounts of staff: who is signed in, proving a password, making and changing accounts."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import db
from data.errors import Refusal, TooOften
from data.types import Role

LEAST_PASSWORD_LENGTH = 10
_COMMONEST = """
1234567890 0123456789 0987654321 9876543210 1111111111 0000000000 8888888888 6666666666 1234512345 12345678910
1234567891 123456789a a123456789 qwertyuiop 1q2w3e4r5t 1qaz2wsx3edc q1w2e3r4t5 password12 password123
password1234 passw0rd123 admin12345 admin123456 administrator woaini1314 5201314520 abcdefghij abc1234567
qwerty1234 qwerty12345 changeme123 welcome123 iloveyou123 sharpeyes1 sharpeyes123 xueliang123 xueliang2024
hikvision123 dahua12345
"""
COMMONEST = frozenset(_COMMONEST.split())
_hasher = PasswordHasher()
# Verified when a login does not exist, so that an answer takes as long and tells nothing.
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Whoever presented the token of this transaction. `paths` are granted; '' among them is everything."""

    id: int
    login: str
    title: str
    roles: frozenset[Role]
    language: str
    must_change_password: bool
    choices: dict[str, Any]
    paths: tuple[str, ...]

    @property
    def sees_everything(self) -> bool:
        """Whether no area bounds what this account sees."""
        return "" in self.paths


def signed_in(session: Session) -> SignedIn | None:
    """Return who presented a token in this transaction, or None."""
    row = session.execute(
        text(
            "SELECT id, login, title, roles, language, must_change_password, choices, scope_paths()::text[] AS paths"
            " FROM accounts WHERE id = scope_account()"
        )
    ).one_or_none()
    if row is None:
        return None
    values = dict(row._mapping)
    return SignedIn(
        **(values | {"roles": frozenset(map(Role, values["roles"])), "paths": tuple(values["paths"])}),
    )


def prove(session: Session, login: str, password: str, *, address: str) -> int | None:
    """Return the account that `login` and `password` prove, or None and count a refusal.

    Raises TooOften, with the wait in its sentence, after five refusals of the login or twenty of the address within
    15 minutes. Takes as long for a login that does not exist.
    """
    wait_s = session.execute(
        text("SELECT sign_in_wait_s(:login, :address)"), {"login": login, "address": address}
    ).scalar_one()
    if wait_s > 0:
        raise TooOften("Too many wrong passwords. Wait %(minutes)s minutes.", wait_s=wait_s, minutes=-(-wait_s // 60))
    row = session.execute(text("SELECT * FROM account_for_login(:login)"), {"login": login}).one_or_none()
    right = matches(row.password_hash if row else _NOBODY, password)
    if row and right and not row.disabled:
        return int(row.id)
    session.execute(text("SELECT remember_refusal(:login, :address)"), {"login": login, "address": address})
    return None


def open_sign_in(session: Session, account_id: int, *, until: datetime, address: str) -> str:
    """Open a session for an account whose password was proved, and return its token."""
    token = secrets.token_urlsafe(32)
    session.execute(
        text("SELECT open_sign_in(:account, :hash, :until, :address)"),
        {"account": account_id, "hash": db.hash_of(token), "until": until, "address": address},
    )
    return token


def close_sign_in(session: Session, token: str) -> None:
    """End the session of `token`."""
    session.execute(text("SELECT close_sign_in(:hash)"), {"hash": db.hash_of(token)})


def close_other_sign_ins(session: Session) -> None:
    """End every other session of whoever presented the token of this transaction."""
    session.execute(text("SELECT close_other_sign_ins()"))


def choose_language(session: Session, language: str) -> None:
    """Keep the language of whoever is signed in."""
    session.execute(text("UPDATE accounts SET language = :it WHERE id = scope_account()"), {"it": language})


def change_own_password(session: Session, password: str, *, login: str) -> None:
    """Set the password of whoever is signed in. Raises Refusal for a weak one."""
    check_password(password, login=login)
    session.execute(
        text("UPDATE accounts SET password_hash = :hash, must_change_password = false WHERE id = scope_account()"),
        {"hash": hashed(password)},
    )


def check_password(password: str, *, login: str) -> None:
    """Raise Refusal with a sentence when a password is too easy to guess."""
    if len(password) < LEAST_PASSWORD_LENGTH:
        raise Refusal(
            "The password is too short. Take at least %(length)s characters.",
            field="password",
            length=LEAST_PASSWORD_LENGTH,
        )
    if password.lower() in COMMONEST or len(set(password)) < 4:
        raise Refusal("This password is among the first that are guessed. Take another.", field="password")
    if login.lower() in password.lower():
        raise Refusal("The password holds the login. Take another.", field="password")


def hashed(password: str) -> str:
    """Return the argon2id hash of a password."""
    return _hasher.hash(password)


def matches(stored: str, password: str) -> bool:
    """Say whether a password belongs to a stored hash."""
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def one_time_password() -> str:
    """Return a password to hand over once: easy to read aloud, hard to guess."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def forget_expired(session: Session, now: datetime) -> None:
    """Remove sessions that ended and refused sign-ins that no longer count; for the owner's housekeeping."""
    session.execute(text("DELETE FROM sign_ins WHERE expires_at < :now"), {"now": now})
    session.execute(text("DELETE FROM login_attempts WHERE at < :day"), {"day": now - timedelta(days=1)})
