"""A county of two towns for the tests of pages, and browsers of its accounts.

`two_towns` lies committed in the private database of the run, since pages open transactions of their own, and is
removed after each test. Everything of town B bears MARK_B in its name or code, everything of town A MARK_A, so that a
test can look for traces of the other town in whatever it is answered.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, text

from data import db, settings
from data.tables import Base, BaseMap, ForbiddenKind, Network, Option, StreamTemplate
from tests.web import towns
from web import push
from web.app import create_app

# What migrations fill; put back as it was.
FILLED = (ForbiddenKind, Network, Option, BaseMap, StreamTemplate)


class Browser(FlaskClient):
    """A test client that sends the proof of its forms (CSRF) as our pages do, and can sign in."""

    proof: str | None = None
    site = "http://localhost"

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send a request, with the proof if it changes something."""
        if kwargs.get("method", "GET") not in {"GET", "HEAD"}:
            said = {"X-CSRFToken": self.token(), "Referer": f"{self.site}/"}
            kwargs["headers"] = said | dict(kwargs.get("headers") or {})
        kwargs.setdefault("base_url", self.site)
        return super().open(*args, **kwargs)

    def token(self) -> str:
        """Return the proof of forms, read from a page as a browser does."""
        if self.proof is None:
            page = self.get("/login").get_data(as_text=True)
            found = re.search(r'name="csrf-token" content="([^"]+)"', page)
            assert found
            self.proof = found[1]
        return self.proof

    def sign_in(self, login: str, password: str = towns.PASSWORD) -> Any:
        """Sign in on the page; the proof of forms changes with it."""
        answer = self.post("/login", data={"login": login, "password": password})
        self.proof = None
        return answer


@pytest.fixture(scope="session")
def app(database: Path) -> Flask:
    """Return the application on the private database of this run."""
    made = create_app(settings.get())
    made.test_client_class = Browser
    made.testing = True
    # Errors must be answered as they are in service, not raised into the test.
    made.config["PROPAGATE_EXCEPTIONS"] = False
    return made


@pytest.fixture
def two_towns(database: Path) -> Iterator[towns.TwoTowns]:
    """Commit the county of two towns, and empty every table after the test."""
    with db.transaction() as session:
        before = {
            table: [dict(row) for row in session.execute(table.__table__.select()).mappings()] for table in FILLED
        }
        made = towns.build(session)
    towns.write_pictures(Path(settings.get().pictures), made)
    yield made
    # A page that was opened leaves this process listening, and what is listened for is believed for a moment.
    push.hub.close()
    with db.transaction() as session:
        every = ", ".join(f'"{name}"' for name in Base.metadata.tables)
        session.execute(text(f"TRUNCATE {every}, procrastinate_jobs RESTART IDENTITY CASCADE"))
        for table, rows in before.items():
            session.execute(delete(table))
            if rows:
                # The numbers of rows begin anew with the others.
                session.execute(insert(table), [{k: v for k, v in row.items() if k != "id"} for row in rows])


@pytest.fixture
def browser(app: Flask, two_towns: towns.TwoTowns) -> Callable[[str | None], Browser]:
    """Return browsers by login, signed in; of nobody for None."""

    def of(login: str | None) -> Browser:
        client = app.test_client()
        assert isinstance(client, Browser)
        if login:
            token = towns.open_sign_in(two_towns.accounts[login])
            client.set_cookie(f"sharpeyes_{app.config['PORT']}_token", token)
        return client

    return of
