"""Accounts of staff: who is signed in, proving a password, making and changing accounts."""

import json
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from data import db, persons
from data.errors import Missing, Refusal, Taken, TooOften
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
_LOGIN = re.compile(r"[\w.\-]{2,40}")
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
    return None if row is None else of_row(dict(row._mapping))


def of_row(values: dict[str, Any]) -> SignedIn:
    """Return who is signed in from the columns of that name."""
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


def choose(session: Session, name: str, value: Any) -> None:
    """Keep what whoever is signed in chose to see, such as the columns of a table."""
    session.execute(
        text(
            "UPDATE accounts SET choices = choices || jsonb_build_object(CAST(:name AS text), CAST(:value AS jsonb))"
            " WHERE id = scope_account()"
        ),
        {"name": name, "value": json.dumps(value)},
    )


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An area an account may see with all below it; no area is everything."""

    area_id: int | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A member of staff, as an administrator sees it."""

    id: int
    login: str
    title: str
    roles: tuple[Role, ...]
    must_change_password: bool
    disabled: bool
    created_at: datetime
    grants: tuple[Grant, ...]


# The owner has no scope, so for the command line there are no crumbs and the bare name stands in.
_ACCOUNTS = """
SELECT a.id, a.login, a.title, a.roles, a.must_change_password, a.disabled, a.created_at, coalesce((
    SELECT jsonb_agg(jsonb_build_object('area_id', g.area_id, 'name', coalesce(
        array_to_string(area_crumbs(g.area_id), ' / '), v.name, '')) ORDER BY g.area_id NULLS FIRST)
    FROM account_grants g LEFT JOIN area_versions v ON v.area_id = g.area_id AND upper_inf(v.during)
    WHERE g.account_id = a.id), '[]') AS grants
FROM accounts a
"""


def everyone(session: Session) -> list[Account]:
    """Return the accounts that the session may administer, by login."""
    return [_account(row) for row in session.execute(text(f"{_ACCOUNTS} ORDER BY a.login"))]


def one(session: Session, account_id: int) -> Account:
    """Return one account. Raises Missing, also for one outside the scope."""
    row = session.execute(text(f"{_ACCOUNTS} WHERE a.id = :id"), {"id": account_id}).one_or_none()
    if row is None:
        raise Missing("There is no such account, or it lies outside the areas granted to you.")
    return _account(row)


def by_login(session: Session, login: str) -> Account:
    """Return the account of a login. Raises Missing."""
    row = session.execute(text(f"{_ACCOUNTS} WHERE a.login = :login"), {"login": login}).one_or_none()
    if row is None:
        raise Missing("There is no account %(login)s.", login=login)
    return _account(row)


def create(
    session: Session,
    login: str,
    *,
    title: str,
    roles: Collection[Role],
    areas: Collection[int | None],
    password: str | None = None,
) -> tuple[int, str]:
    """Make an account that sees `areas` (None: everything); return its id and its one-time password.

    Raises Refusal for words that will not do, Taken for a login in use. The database refuses areas outside the scope.
    """
    _check(login=login, title=title, roles=roles, areas=areas)
    first = password or one_time_password()
    made = session.execute(
        text(
            "INSERT INTO accounts (login, title, password_hash, roles) VALUES (:login, :title, :hash, :roles)"
            " ON CONFLICT (login) DO NOTHING RETURNING id"
        ),
        {"login": login, "title": title, "hash": hashed(first), "roles": _in_order(roles)},
    ).scalar_one_or_none()
    if made is None:
        raise Taken("The login %(login)s is in use. Take another.", field="login", login=login)
    for area in areas:
        grant(session, made, area)
    return int(made), first


def any_there(session: Session) -> bool:
    """Return whether anybody has an account yet."""
    return session.execute(text("SELECT 1 FROM accounts LIMIT 1")).one_or_none() is not None


def first_administrator(session: Session, login: str = "admin") -> str | None:
    """Make the first account, which sees and may do everything; return its one-time password, None if one is there."""
    session.execute(text("LOCK TABLE accounts IN SHARE ROW EXCLUSIVE MODE"))
    if any_there(session):
        return None
    return create(session, login, title="", roles={Role.ADMIN}, areas=[None])[1]


def change(session: Session, account_id: int, *, title: str, roles: Collection[Role], disabled: bool) -> Account:
    """Change an account; its sessions end. Raises Missing and Refusal."""
    before = one(session, account_id)
    _check(login=before.login, title=title, roles=roles, areas=[None])
    session.execute(
        text("UPDATE accounts SET title = :title, roles = :roles, disabled = :disabled WHERE id = :id"),
        {"id": account_id, "title": title, "roles": _in_order(roles), "disabled": disabled},
    )
    return one(session, account_id)


def reset_password(session: Session, account_id: int) -> str:
    """Give an account a new one-time password and return it; its sessions end. Raises Missing."""
    one(session, account_id)
    password = one_time_password()
    session.execute(
        text("UPDATE accounts SET password_hash = :hash, must_change_password = true WHERE id = :id"),
        {"id": account_id, "hash": hashed(password)},
    )
    return password


def grant(session: Session, account_id: int, area_id: int | None) -> None:
    """Let an account see an area with all below it, None for everything. Raises Missing."""
    one(session, account_id)
    session.execute(
        text("INSERT INTO account_grants (account_id, area_id) VALUES (:account, :area) ON CONFLICT DO NOTHING"),
        {"account": account_id, "area": area_id},
    )


def revoke(session: Session, account_id: int, area_id: int | None) -> None:
    """Take an area from an account. Raises Refusal for its last one, since nobody would answer for it then."""
    if [own.area_id for own in one(session, account_id).grants] == [area_id]:
        raise Refusal("This is the last area of the account. Disable the account instead.")
    session.execute(
        text("DELETE FROM account_grants WHERE account_id = :account AND area_id IS NOT DISTINCT FROM :area"),
        {"account": account_id, "area": area_id},
    )


def _check(*, login: str, title: str, roles: Collection[Role], areas: Collection[int | None]) -> None:
    if not _LOGIN.fullmatch(login):
        raise Refusal("A login has 2 to 40 letters, digits, dots, dashes or underscores.", field="login")
    if persons.personal_data_in(login) or persons.personal_data_in(title):
        raise Refusal("An account belongs to a post. Write no number of a person.", field="title")
    if not roles:
        raise Refusal("Give the account at least one role.", field="roles")
    if not areas:
        raise Refusal("Give the account at least one area.", field="areas")


def _in_order(roles: Collection[Role]) -> list[str]:
    return [str(role) for role in Role if role in roles]


def _account(row: Row[Any]) -> Account:
    values = dict(row._mapping)
    grants = tuple(Grant(**own) for own in values["grants"])
    return Account(**(values | {"roles": tuple(map(Role, values["roles"])), "grants": grants}))
