"""The way to the database: engines, sessions, transactions, and the area scope of a session.

Two roles use it. The owner (migrations, command line, workers, alarm intake) sees every row. The web role sees
only rows inside the areas of the session whose token it presents; the database resolves the token itself, so
the web process cannot widen its own scope.
"""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from threading import Lock
from typing import Literal

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from data import cluster

Who = Literal["owner", "web", "push"]


PATIENCE_MS = 5_000
_making = Lock()
ROLES = {"web": "sharpeyes_web", "push": "sharpeyes_push"}


def url_for(who: Who) -> str:
    """Return the address of the database for `who`, of DATABASE_URL if set, else of the private cluster."""
    if who == "owner":
        return cluster.owner_url()
    web = make_url(cluster.web_url())
    return web.set(username=ROLES[who]).render_as_string(hide_password=False)


@cache
def engine(who: Who = "owner") -> Engine:
    """Return the pooled engine of this process for `who`."""
    return create_engine(url_for(who), pool_pre_ping=True, pool_size=8, max_overflow=24, pool_timeout=10)


def quick() -> ConnectionPool[psycopg.Connection[DictRow]]:
    """Return connections of the web role for questions of one statement, each a transaction of its own of at most 5 s.

    What is asked presents the token itself. It takes one way to the database and back instead of five.
    """
    # The first tiles of a map come together, and a cache alone would let each thread make a pool.
    with _making:
        return _quick()


@cache
def _quick() -> ConnectionPool[psycopg.Connection[DictRow]]:
    address = make_url(url_for("web")).set(drivername="postgresql").render_as_string(hide_password=False)
    kept = {"autocommit": True, "options": f"-c statement_timeout={PATIENCE_MS}", "row_factory": dict_row}
    return ConnectionPool(
        address,
        connection_class=psycopg.Connection[DictRow],
        kwargs=kept,
        min_size=1,
        max_size=32,
        timeout=10,
        open=True,
    )


@contextmanager
def transaction(who: Who = "owner") -> Iterator[Session]:
    """Give a session whose work is kept when the block ends well and undone when it does not."""
    with Session(engine(who), expire_on_commit=False) as session, session.begin():
        yield session


def may_be_lost(session: Session) -> None:
    """Let this transaction end before it is on the disk: a crash takes the last of such along, never half of one.

    For what comes again by itself. Whatever somebody was told, or was told will be kept, is no such thing.
    """
    session.execute(text("SET LOCAL synchronous_commit = off"))


def hash_of(token: str) -> bytes:
    """Return what the database stores of a session token."""
    return hashlib.sha256(token.encode()).digest()


def present(session: Session, token: str) -> None:
    """Show the token of a signed-in session to the database for this transaction only."""
    session.execute(text("SELECT set_config('sharpeyes.token', :token, true)"), {"token": token})


def act_for(session: Session, account_id: int, *, lasting: timedelta = timedelta(hours=1)) -> None:
    """Continue this owner transaction with the rights and the area scope of an account.

    For jobs that do what somebody asked for on a page, such as applying an import. The token lives in this
    transaction only, since nobody else ever learns it.
    """
    token = secrets.token_urlsafe(32)
    session.execute(
        text(
            "INSERT INTO sign_ins (token_hash, account_id, expires_at, address)"
            " VALUES (:hash, :account, now() + :lasting, 'job')"
        ),
        {"hash": hash_of(token), "account": account_id, "lasting": lasting},
    )
    present(session, token)
    session.execute(text("SET LOCAL ROLE sharpeyes_web"))
