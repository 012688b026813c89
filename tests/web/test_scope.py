"""An account of one town sees and changes nothing of another: through every route, every table and the push.

A new route needs a line in READS or CHANGES, or the tests here fail. Each line says how to ask for things of the other
town; `shows` says that the town's own administrator must find them in the answer, so that a wrong question is noticed.
"""

import io
import json
import math
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from data import db
from data.tables import Base
from tests.web import towns
from tests.web.conftest import Browser
from tests.web.towns import Town, TwoTowns

Browsers = Callable[[str | None], Browser]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request about things of `of`: parts of the path, the query, and what is sent."""

    parts: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    form: dict[str, Any] | None = None
    body: dict[str, Any] | None = None
    shows: bool = True


def quiet(**asked: Any) -> Ask:
    """Return a request whose answer never shows anything of a town, to anybody."""
    return Ask(**asked, shows=False)


def tile(of: Town, zoom: int = 14) -> dict[str, int]:
    """Return the tile that holds the town's camera."""
    across = 2**zoom
    lat = math.radians(29.22)
    x = int((of.west + 0.02 + 180) / 360 * across)
    return {"z": zoom, "x": x, "y": int((1 - math.asinh(math.tan(lat)) / math.pi) / 2 * across)}


def box(of: Town) -> str:
    return f"{of.west},29.2,{of.west + 0.1},29.3"


def camera(of: Town) -> dict[str, str]:
    return {"code": f"{of.code}011310001"}


# Every route that reads, and how to ask it for the other town.
READS: dict[str, Callable[[Town], list[Ask]]] = {
    "/": lambda of: [quiet()],
    "/login": lambda of: [quiet()],
    "/password": lambda of: [Ask()],
    "/healthz": lambda of: [quiet()],
    "/readyz": lambda of: [quiet()],
    "/admin/": lambda of: [Ask()],
    "/admin/accounts/<int:account_id>": lambda of: [Ask(parts={"account_id": of.ids["accounts"]})],
    "/admin/audit": lambda of: [Ask(), Ask(query={"subject": f"{of.mark}村口"})],
    "/admin/audit.<any(csv, xlsx):form>": lambda of: [Ask(parts={"form": form}) for form in ("csv", "xlsx")],
    "/admin/settings": lambda of: [Ask()],
    "/areas": lambda of: [Ask(query={"area": of.cells[0]})],
    "/areas/posts.<any(xlsx, csv):form>": lambda of: [
        Ask(parts={"form": form}, query={"under": under}) for form in ("csv", "xlsx") for under in ("", of.town)
    ],
    "/metrics": lambda of: [quiet()],
    "/api/v1/openapi.json": lambda of: [quiet()],
    "/api/v1/areas": lambda of: [Ask(), Ask(query={"parent": of.village}), Ask(query={"q": "网格"})],
    "/api/v1/areas/vacant": lambda of: [Ask(), Ask(query={"under": of.town})],
    "/api/v1/areas/<int:area_id>": lambda of: [Ask(parts={"area_id": area}) for area in (of.town, *of.cells)],
    "/api/v1/areas/<int:area_id>/boundary": lambda of: [Ask(parts={"area_id": of.town})],
    "/wall": lambda of: [Ask()],
    "/api/v1/wall": lambda of: [Ask()],
    "/api/v1/search": lambda of: [Ask(query={"q": word}) for word in ("村口", "小学", "网格", of.code)],
    "/api/v1/alarms/open": lambda of: [Ask()],
    "/api/v1/places/seen-by": lambda of: [quiet(query={"lng": of.west + 0.02, "lat": 29.22})],
    "/cameras": lambda of: [Ask(), Ask(query={"q": "村口"}), Ask(query={"area": of.code})],
    "/cameras/<code>": lambda of: [Ask(parts=camera(of))],
    "/cameras.<any(csv, xlsx, geojson):form>": lambda of: [
        Ask(parts={"form": form}) for form in ("csv", "xlsx", "geojson")
    ],
    "/api/v1/cameras/<code>": lambda of: [Ask(parts=camera(of))],
    "/api/v1/cameras/<code>/view": lambda of: [quiet(parts=camera(of))],
    "/api/v1/cameras/<int:camera_id>/now": lambda of: [Ask(parts={"camera_id": of.ids["cameras"]})],
    "/api/v1/cameras/health": lambda of: [quiet()],
    "/api/v1/cameras/points": lambda of: [quiet(), quiet(query={"bbox": box(of)})],
    "/buttons": lambda of: [Ask()],
    "/api/v1/buttons": lambda of: [Ask()],
    "/coverage": lambda of: [Ask(query={"px_per_m": 25})],
    "/api/v1/coverage": lambda of: [Ask()],
    "/api/v1/coverage/<code>": lambda of: [Ask(parts={"code": f"{of.code}001001"})],
    "/api/v1/coverage/export.geojson": lambda of: [Ask()],
    "/coverage/export.<any(csv, xlsx):form>": lambda of: [Ask(parts={"form": form}) for form in ("csv", "xlsx")],
    # A run of an import is shown to the account that began it, and to no other of the same town either.
    "/import": lambda of: [quiet()],
    "/import/<int:run_id>": lambda of: [quiet(parts={"run_id": of.ids["import_runs"]})],
    "/import/<int:run_id>/problems.<any(xlsx, csv):form>": lambda of: [
        quiet(parts={"run_id": of.ids["import_runs"], "form": form}) for form in ("csv", "xlsx")
    ],
    "/import/template/<kind>.xlsx": lambda of: [quiet(parts={"kind": "cameras"})],
    "/api/v1/imports/<int:run_id>": lambda of: [quiet(parts={"run_id": of.ids["import_runs"]})],
    "/incidents": lambda of: [quiet()],
    "/api/v1/incidents/counts": lambda of: [quiet()],
    "/api/v1/incidents/heat": lambda of: [quiet(query={"bbox": box(of)})],
    "/api/v1/incidents/kinds": lambda of: [quiet()],
    "/pictures/<int:snapshot_id>/full.jpg": lambda of: [Ask(parts={"snapshot_id": of.ids["snapshots"]})],
    "/pictures/<int:snapshot_id>/thumbnail.jpg": lambda of: [Ask(parts={"snapshot_id": of.ids["snapshots"]})],
    "/basemap/<name>/<int:z>/<int:x>/<int:y>": lambda of: [quiet(parts={"name": "none"} | tile(of))],
    "/basemap/service/<int:service_id>/<int:z>/<int:x>/<int:y>": lambda of: [quiet(parts={"service_id": 1} | tile(of))],
    "/tiles/<layer>/<int:z>/<int:x>/<int:y>.mvt": lambda of: [
        quiet(parts={"layer": layer} | tile(of, zoom))
        for layer in (
            "areas",
            "cameras",
            "buttons",
            "buildings",
            "roads",
            "places",
            "views",
            "gaps",
            "ground",
            "points",
        )
        for zoom in (10, 14, 16)
    ],
    "/tiles/heat/<int:z>/<int:x>/<int:y>.png": lambda of: [quiet(parts=tile(of))],
}
# Every route that changes something, and how to aim it at the other town.
CHANGES: dict[str, Callable[[Town], list[Ask]]] = {
    "POST /admin/accounts": lambda of: [
        Ask(form={"login": "intruder", "roles": ["viewer"], "area": of.code}),
        Ask(form={"login": "intruder", "roles": ["viewer"], "everything": "1"}),
    ],
    "POST /admin/accounts/<int:account_id>": lambda of: [
        Ask(parts={"account_id": of.ids["accounts"]}, form={"title": "taken", "roles": ["viewer"], "disabled": "1"})
    ],
    "POST /admin/accounts/<int:account_id>/grants": lambda of: [
        Ask(parts={"account_id": of.ids["accounts"]}, form={"area": of.code}),
        Ask(parts={"account_id": of.ids["accounts"]}, form={"everything": "1"}),
    ],
    "POST /admin/accounts/<int:account_id>/password": lambda of: [Ask(parts={"account_id": of.ids["accounts"]})],
    "POST /admin/accounts/<int:account_id>/revoke": lambda of: [
        Ask(parts={"account_id": of.ids["accounts"]}, form={"area_id": of.town})
    ],
    "POST /admin/maps/<int:map_id>": lambda of: [
        Ask(parts={"map_id": 0}, form={"name": "x", "url": "http://10.0.0.1/{z}/{x}/{y}", "crs": "wgs84"})
    ],
    "POST /admin/options/<name>": lambda of: [Ask(parts={"name": "site_name"}, form={"value": "taken"})],
    "POST /admin/recorders": lambda of: [Ask(form={"vendor": "x", "path": "/{channel}"})],
    "POST /api/v1/areas/<int:area_id>/posts": lambda of: [Ask(parts={"area_id": of.cells[0]}, body={"name": "taken"})],
    "PUT /api/v1/posts/<int:post_id>": lambda of: [
        Ask(parts={"post_id": of.ids["posts"]}, body={"name": "taken", "duties": [], "staffed": False})
    ],
    "DELETE /api/v1/posts/<int:post_id>": lambda of: [Ask(parts={"post_id": of.ids["posts"]})],
    "POST /api/v1/alarms/<int:alarm_id>/acknowledge": lambda of: [Ask(parts={"alarm_id": of.ids["alarms"]}, body={})],
    "POST /api/v1/alarms/<int:alarm_id>/close": lambda of: [
        Ask(parts={"alarm_id": of.ids["alarms"]}, body={"finding": finding})
        for finding in ("real", "false", "drill", "test")
    ],
    "PATCH /api/v1/cameras/<code>": lambda of: [Ask(parts=camera(of), body={"version": 1, "name": "taken"})],
    "PUT /api/v1/cameras/<code>/login": lambda of: [
        Ask(parts=camera(of), body={"version": 1, "username": "x", "password": "y"})
    ],
    "POST /api/v1/cameras/<code>/look": lambda of: [Ask(parts=camera(of), body={})],
    "POST /api/v1/cameras/<code>/undo": lambda of: [
        Ask(parts=camera(of), body={"change": of.ids["camera_changes"], "version": 1})
    ],
    "POST /api/v1/cameras/bulk": lambda of: [
        Ask(body={"codes": [camera(of)["code"]], "changes": {"record_state": "repair"}, "reason": "x"})
    ],
    "POST /api/v1/imports/<int:run_id>/<any(check, apply):step>": lambda of: [
        Ask(parts={"run_id": of.ids["import_runs"], "step": step}, body={}) for step in ("check", "apply")
    ],
    "POST /buttons/<code>/secret": lambda of: [Ask(parts={"code": f"{of.code}011340001"}, form={})],
}
# Routes that act on nobody but the one who asks, or that have their own proof elsewhere.
APART = {
    "GET /static/<path:filename>": "files of the program",
    "POST /login": "tests/web/test_accounts.py",
    "POST /logout": "tests/web/test_accounts.py",
    "POST /password": "tests/web/test_accounts.py",
    "POST /language": "tests/web/test_accounts.py",
    "POST /import": "begins a run of the own account; what it may write is held by the tables below",
    "POST /cameras/columns": "what the own table shows",
    "GET /api/v1/push": "below",
}


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


def traces(of: Town) -> Iterable[bytes]:
    """Return the ways in which a trace of a town may be written."""
    written = (of.mark, json.dumps(of.mark)[1:-1], of.mark.encode("ascii", "xmlcharrefreplace").decode(), of.code)
    return (*(one.encode() for one in written), of.mark.encode("gbk"))


def shows(body: bytes, of: Town) -> bool:
    return any(trace in body for trace in traces(of))


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


def readable(session: Session, table: str) -> str | None:
    """Return the columns of a table that the web role may read, as one row; None for none."""
    columns = session.execute(
        text(
            "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = :table"
            " AND has_column_privilege('sharpeyes_web', quote_ident(table_name), column_name, 'SELECT')"
        ),
        {"table": table},
    ).scalar_one()
    return f"SELECT ROW({columns})::text FROM {table}" if columns else None


def rows_of(token: str, statement: str) -> str:
    with db.transaction("web") as session:
        db.present(session, token)
        return "\n".join(session.execute(text(statement)).scalars())


@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_the_web_role_reads_no_row_of_the_other_town(two_towns: TwoTowns, table: str) -> None:
    with db.transaction() as session:
        statement = readable(session, table)
    if statement is None:
        with pytest.raises(ProgrammingError, match="permission denied"):
            rows_of("", f"SELECT count(*)::text FROM {table}")
        return
    token = towns.open_sign_in(two_towns.accounts["admin_a"])
    assert not shows(rows_of(token, statement).encode(), two_towns.b)
    assert rows_of("made-up", statement) == ""


@pytest.mark.parametrize(
    "table", ["areas", "cameras", "buttons", "alarms", "posts", "places", "incidents", "buildings"]
)
def test_the_web_role_changes_no_row_of_the_other_town(two_towns: TwoTowns, table: str) -> None:
    token = towns.open_sign_in(two_towns.accounts["admin_a"])
    counts = []
    for of in (two_towns.a, two_towns.b):
        with db.transaction("web") as session:
            db.present(session, token)
            changed = session.execute(
                text(f"UPDATE {table} SET path = path WHERE path ~ CAST('*.' || :town || '.*' AS lquery)"),
                {"town": str(of.town)},
            )
            counts.append(changed.rowcount)
    assert counts[0] > 0
    assert counts[1] == 0


def test_the_web_role_moves_no_row_into_the_other_town(two_towns: TwoTowns) -> None:
    token = towns.open_sign_in(two_towns.accounts["admin_a"])
    move = text("UPDATE cameras SET path = CAST(:path AS ltree)")
    with Session(db.engine("web")) as session:
        db.present(session, token)
        with pytest.raises(ProgrammingError, match="row-level security"):
            session.execute(move, {"path": str(two_towns.county)})
