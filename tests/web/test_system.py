"""Liveness, readiness, the counts for Prometheus, the OpenAPI document, and what browsers are told to refuse."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator
from prometheus_client import REGISTRY
from sqlalchemy import text

from data import db, migrate
from tests.web.conftest import Browser
from web import openapi

Browsers = Callable[[str | None], Browser]


def test_a_living_process_says_so_to_anybody(browser: Browsers) -> None:
    assert browser(None).get("/healthz").get_json() == {"alive": True}


def test_ready_means_that_the_database_has_the_expected_version(browser: Browsers) -> None:
    client = browser(None)
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()) == (200, {"ready": True})
    with db.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = client.get("/readyz")
    with db.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": migrate.newest()})
    assert (answer.status_code, answer.get_json()) == (503, {"ready": False})


def test_requests_are_counted_by_route_and_never_by_what_was_asked(browser: Browsers) -> None:
    client = browser("viewer_a")
    labels = {"method": "GET", "route": "/api/v1/areas/<int:area_id>", "status": "404"}
    before = REGISTRY.get_sample_value("sharpeyes_requests_total", labels) or 0.0
    client.get("/api/v1/areas/424242")
    counted = client.get("/metrics").get_data(as_text=True)
    assert f'route="/api/v1/areas/<int:area_id>",status="404"}} {before + 1}' in counted
    assert "424242" not in counted


@pytest.mark.parametrize(("login", "status"), [(None, 403), ("viewer_a", 403), ("admin_a", 200)])
def test_from_another_machine_only_administrators_see_the_counts(
    browser: Browsers, login: str | None, status: int
) -> None:
    answer = browser(login).get("/metrics", environ_base={"REMOTE_ADDR": "10.1.2.3"})
    assert answer.status_code == status


def test_the_document_is_valid_and_holds_every_route_of_the_api(app: Flask, browser: Browsers) -> None:
    document = browser(None).get("/api/v1/openapi.json").get_json()
    OpenAPIV31SpecValidator(document).validate()
    promised = {(method, path) for path, methods in document["paths"].items() for method in methods}
    served = {
        (method.lower(), openapi.path_of(rule))
        for rule in app.url_map.iter_rules()
        if str(rule).startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert promised == served


def test_the_document_needs_nothing_from_outside(browser: Browsers) -> None:
    assert re.findall(r'"\$ref": ?"(?!#)', browser(None).get("/api/v1/openapi.json").get_data(as_text=True)) == []


@pytest.mark.parametrize("path", ["/login", "/nothing", "/api/v1/areas", "/static/css/base.css"])
def test_browsers_are_told_to_load_nothing_from_elsewhere_and_to_frame_nothing(browser: Browsers, path: str) -> None:
    answer = browser("viewer_a").get(path)
    answer.close()
    headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_only_the_import_map_bears_the_nonce_and_no_page_has_inline_handlers(browser: Browsers) -> None:
    answer = browser("viewer_a").get("/areas")
    page = answer.get_data(as_text=True)
    nonces = re.findall(r'<script[^>]*nonce="([^"]+)"', page)
    assert len(nonces) == 1
    assert f"'nonce-{nonces[0]}'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<[^>]+\son\w+=|<[^>]+\sstyle=", page)


@pytest.mark.parametrize(
    ("path", "kind"), [("/nothing", "text/html; charset=utf-8"), ("/api/v1/nothing", "application/problem+json")]
)
def test_a_problem_is_a_page_for_people_and_a_document_for_programs(browser: Browsers, path: str, kind: str) -> None:
    answer = browser("viewer_a").get(path)
    assert (answer.status_code, answer.content_type) == (404, kind)


def test_a_wrong_value_is_answered_with_its_field_and_a_sentence(browser: Browsers) -> None:
    answer = browser("viewer_a").get("/api/v1/areas?parent=abc").get_json()
    assert (answer["status"], answer["field"]) == (400, "parent")
    assert "数字" in answer["detail"]


def test_the_api_asks_to_sign_in_and_pages_lead_there(browser: Browsers) -> None:
    client = browser(None)
    assert client.get("/api/v1/areas").status_code == 401
    assert client.get("/areas?area=3").location == "/login?next=/areas?area%3D3"


def test_the_demonstration_is_labelled_on_every_page_also_the_first(browser: Browsers) -> None:
    with db.transaction() as session:
        session.execute(text("INSERT INTO options (name, value) VALUES ('demonstration', 'true')"))
    for login, path in ((None, "/login"), ("viewer_a", "/areas"), ("viewer_a", "/nothing"), ("viewer_a", "/wall")):
        assert "演示数据，均为虚构" in browser(login).get(path).get_data(as_text=True)
