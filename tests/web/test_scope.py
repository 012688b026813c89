"""An account of one town sees and changes nothing of another: through every route and the push.

A new route needs a line in tests/web/asks.py, or the tests here fail.
"""

import io
import zipfile
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from data import db
from data.tables import Base
from tests.web.asks import APART, CHANGES, READS, Ask
from tests.web.conftest import Browser
from tests.web.towns import Town, TwoTowns, shows

Browsers = Callable[[str | None], Browser]


def rules(app: Flask) -> list[tuple[str, str]]:
    """Return every method and rule of the application."""
    return [
        (method, str(rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]


def table_of(method: str, rule: str) -> Callable[[Town], list[Ask]] | None:
    return READS.get(rule) if method == "GET" else CHANGES.get(f"{method} {rule}")


def send(app: Flask, client: Browser, method: str, rule: str, ask: Ask) -> TestResponse:
    """Send a request as its line in the tables says."""
    endpoint = next(
        one.endpoint for one in app.url_map.iter_rules() if str(one) == rule and method in (one.methods or set())
    )
    with app.test_request_context():
        path = app.url_for(endpoint, **ask.parts)
    said = {"json": ask.body} if ask.body is not None else {"data": ask.form} if ask.form is not None else {}
    answer: TestResponse = client.open(path, method=method, query_string=ask.query, **said)
    return answer


def told(answer: TestResponse, ask: Ask) -> bytes:
    """Return what an answer tells beyond what was asked with: unpacked, and without the codes that were sent."""
    body = answer.get_data()
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = b"".join(packed.read(name) for name in packed.namelist())
    body += str(answer.headers).encode()
    for sent in (*ask.parts.values(), *ask.query.values(), *(ask.form or {}).values()):
        if isinstance(sent, str) and sent:
            body = body.replace(sent.encode(), b"")
    return body


def fingerprint(session: Session) -> dict[str, str]:
    """Return a digest of every table but those in which asking itself leaves a row."""
    left_out = {"audit", "login_attempts", "sign_ins"}
    tables = [name for name in Base.metadata.tables if name not in left_out] + ["procrastinate_jobs"]
    digest = "SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {} t"
    return {name: session.execute(text(digest.format(name))).scalar_one() for name in tables}


def test_every_route_has_its_line_and_every_line_its_route(app: Flask) -> None:
    there = set(rules(app))
    forgotten = [
        f"{method} {rule}"
        for method, rule in sorted(there)
        if table_of(method, rule) is None and f"{method} {rule}" not in APART
    ]
    gone = [
        line
        for line in (*(f"GET {rule}" for rule in READS), *CHANGES, *APART)
        if tuple(line.split(" ", 1)) not in there
    ]
    assert (forgotten, gone) == ([], [])


def test_every_view_says_whom_it_is_for(app: Flask) -> None:
    unmarked = [
        name for name, view in app.view_functions.items() if name != "static" and not hasattr(view, "permission")
    ]
    assert unmarked == []


def test_what_is_asked_for_is_there_for_the_towns_own_administrator(
    app: Flask, browser: Browsers, two_towns: TwoTowns
) -> None:
    client = browser("admin_b")
    unseen = [
        (rule, ask.parts, ask.query, answer.status_code)
        for rule, asks in READS.items()
        for ask in asks(two_towns.b)
        for answer in [send(app, client, "GET", rule, ask)]
        if ask.shows and not shows(told(answer, ask), two_towns.b)
    ]
    assert unseen == []


@pytest.mark.parametrize("login", ["admin_a", "operator_a", "viewer_a", None])
def test_no_answer_shows_anything_of_the_other_town(
    app: Flask, browser: Browsers, two_towns: TwoTowns, login: str | None
) -> None:
    client = browser(login)
    leaks = [
        (rule, ask.parts, ask.query, answer.status_code)
        for rule, asks in READS.items()
        for ask in asks(two_towns.b)
        for answer in [send(app, client, "GET", rule, ask)]
        if shows(told(answer, ask), two_towns.b) or answer.status_code >= 500
    ]
    assert leaks == []


@pytest.mark.parametrize("login", ["admin_a", "editor_a", None])
def test_no_change_reaches_the_other_town(
    app: Flask, browser: Browsers, two_towns: TwoTowns, login: str | None
) -> None:
    client = browser(login)
    with db.transaction() as session:
        before = fingerprint(session)
    done = []
    for line, asks in CHANGES.items():
        method, rule = line.split(" ", 1)
        for ask in asks(two_towns.b):
            answer = send(app, client, method, rule, ask)
            told_of_it = shows(told(answer, ask), two_towns.b)
            refused = 400 <= answer.status_code < 500 or (login is None and answer.status_code == 302)
            if told_of_it or not (refused or "bulk" in rule):
                done.append((line, ask.form or ask.body, answer.status_code))
    with db.transaction() as session:
        after = fingerprint(session)
    assert done == []
    assert [name for name in before if before[name] != after[name]] == []


def test_the_push_tells_of_the_own_town_only(browser: Browsers, two_towns: TwoTowns) -> None:
    answer = browser("admin_a").get("/api/v1/push", headers={"Last-Event-ID": "0"}, buffered=False)
    heard = b""
    with db.transaction() as session:
        for of in (two_towns.b, two_towns.a):
            session.execute(
                text(
                    "INSERT INTO events (kind, body, path)"
                    " SELECT 'health', jsonb_build_object('name', :mark || '推送'), path FROM areas WHERE id = :cell"
                ),
                {"mark": of.mark, "cell": of.cells[0]},
            )
    for frame in answer.response:
        heard += frame if isinstance(frame, bytes) else frame.encode()
        if shows(heard, two_towns.a):
            break
    answer.close()
    assert shows(heard, two_towns.a)
    assert not shows(heard, two_towns.b)
