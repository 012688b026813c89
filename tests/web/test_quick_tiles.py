"""The quick way to a tile answers to the letter as the whole way, and only who was known a moment ago."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from werkzeug.test import Client, TestResponse

from data import db
from tests.web import towns
from tests.web.asks import tile
from tests.web.conftest import Browser
from tests.web.towns import TwoTowns, many_incidents
from web import tiles
from web.quick_tiles import QuickTiles

Browsers = Callable[[str | None], Browser]
ASKED_ON = 599
GZIP = {"Accept-Encoding": "gzip"}


class Asker(Client):
    """Somebody with the cookie of a session, in front of an application that answers everything with ASKED_ON."""

    def __init__(self, token: str, *, port: int) -> None:
        # What failed before the application was asked.
        self.failed: Exception | None = None

        def application(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
            self.failed = environ.get(tiles.FAILED)
            start_response(f"{ASKED_ON} Asked on", [])
            return []

        super().__init__(QuickTiles(application, port=port))
        self.set_cookie(f"sharpeyes_{port}_token", token)


@pytest.fixture
def asker(app, two_towns: TwoTowns) -> Iterator[Callable[[str], tuple[Browser, Asker]]]:
    """Return by login a browser and an asker of one session, in a process that believes until it hears otherwise."""

    def of(login: str) -> tuple[Browser, Asker]:
        token = towns.open_sign_in(two_towns.accounts[login])
        browser = app.test_client()
        browser.set_cookie(f"sharpeyes_{app.config['PORT']}_token", token)
        return browser, Asker(token, port=app.config["PORT"])

    usual, tiles.asks.for_s = tiles.asks.for_s, 3_600.0
    tiles.asks.hear(changes=True)
    yield of
    tiles.asks.for_s = usual
    tiles.asks.hear(changes=False)


def address(two_towns: TwoTowns, layer: str = "base", zoom: int = 15) -> str:
    at = tile(two_towns.a, zoom)
    return f"/tiles/{layer}/{at['z']}/{at['x']}/{at['y']}.mvt"


def said(answer: TestResponse) -> tuple[str, list[tuple[str, str]], bytes]:
    return answer.status, sorted(answer.headers), answer.data


@pytest.mark.parametrize("layer", ["base", "cameras", "incidents"])
@pytest.mark.parametrize("zoom", [8, 15])
def test_both_ways_answer_the_same_to_the_letter(asker, two_towns: TwoTowns, layer: str, zoom: int) -> None:
    many_incidents(two_towns)
    browser, quick = asker("editor_a")
    at = address(two_towns, layer, zoom)
    first = browser.get(at, headers=GZIP)
    had = {"If-None-Match": first.headers["ETag"]}
    for more in ({}, had, {"If-None-Match": '"another"'}):
        known = quick.get(at, headers=GZIP | more)
        assert known.status_code == (304 if more == had else 200)
        tiles.asks.forget()
        assert said(known) == said(browser.get(at, headers=GZIP | more))


@pytest.mark.parametrize("zoom", [8, 15])
def test_a_tile_that_is_not_kept_is_cut_on_the_quick_way_too(asker, two_towns: TwoTowns, zoom: int) -> None:
    browser, quick = asker("editor_a")
    at = address(two_towns, "cameras", zoom)
    first = browser.get(at, headers=GZIP)
    tiles.cache.forget("cameras")
    assert said(quick.get(at, headers=GZIP)) == said(first)


def test_what_fails_on_the_quick_way_is_told_on_the_whole_way_and_not_tried_again(asker, two_towns: TwoTowns) -> None:
    browser, quick = asker("editor_a")
    browser.get(address(two_towns, "roads"))
    tiles.cache.forget("roads")
    with db.transaction() as session:
        # Nobody can read it, so the tile is given up.
        session.execute(text("LOCK TABLE roads IN ACCESS EXCLUSIVE MODE"))
        assert quick.get(address(two_towns, "roads"), headers=GZIP).status_code == ASKED_ON
    assert isinstance(quick.failed, psycopg.errors.QueryCanceled)
    told = browser.get(address(two_towns, "roads"), environ_overrides={tiles.FAILED: quick.failed})
    assert (told.status_code, told.content_type) == (503, "application/problem+json")


def test_over_https_too_they_answer_the_same(asker, app, two_towns: TwoTowns) -> None:
    browser, quick = asker("editor_a")
    secure = {"base_url": "https://localhost"}
    for one in (browser, quick):
        token = one.get_cookie(f"sharpeyes_{app.config['PORT']}_token").value
        one.set_cookie(f"__Host-sharpeyes_{app.config['PORT']}_token", token, secure=True)
    first = browser.get(address(two_towns), headers=GZIP, **secure)
    assert "Strict-Transport-Security" in first.headers
    assert said(quick.get(address(two_towns), headers=GZIP, **secure)) == said(first)


@pytest.mark.parametrize(
    "headers",
    [
        GZIP | {"If-None-Match": 'W/"another"'},
        GZIP | {"If-None-Match": '"another", "one-more"'},
        GZIP | {"If-None-Match": "*"},
        {},
        {"Accept-Encoding": "identity"},
        {"Accept-Encoding": "gzip;q=0"},
    ],
    ids=str,
)
def test_whatever_is_not_plain_goes_the_whole_way(asker, two_towns: TwoTowns, headers: dict[str, str]) -> None:
    many_incidents(two_towns)
    browser, quick = asker("editor_a")
    at = address(two_towns, "incidents")
    assert browser.get(at, headers=GZIP).headers["Content-Encoding"] == "gzip"
    assert quick.get(at, headers=GZIP).status_code == 200
    assert quick.get(at, headers=headers).status_code == ASKED_ON


@pytest.mark.parametrize("path", ["/tiles/base/3/8/0.mvt", "/tiles/secrets/1/0/0.mvt", "/tiles/base/1/0/0", "/wall"])
def test_what_is_no_tile_goes_the_whole_way(asker, two_towns: TwoTowns, path: str) -> None:
    browser, quick = asker("editor_a")
    browser.get(address(two_towns))
    assert quick.get(path).status_code == ASKED_ON
    assert quick.post(address(two_towns)).status_code == ASKED_ON


def test_nobody_is_given_what_another_was(asker, two_towns: TwoTowns) -> None:
    of_all, _ = asker("editor_all")
    etag = of_all.get(address(two_towns), headers=GZIP).headers["ETag"]
    browser, other = asker("editor_b")
    assert other.get(address(two_towns), headers=GZIP).status_code == ASKED_ON
    own = browser.get(address(two_towns), headers=GZIP)
    for more in ({}, {"If-None-Match": etag}):
        assert said(other.get(address(two_towns), headers=GZIP | more)) == said(own)
    assert "柳溪".encode() not in own.data


def test_who_must_replace_a_password_is_asked_on(asker, two_towns: TwoTowns) -> None:
    browser, quick = asker("viewer_a")
    browser.get(address(two_towns), headers=GZIP)
    assert quick.get(address(two_towns), headers=GZIP).status_code == 200
    with db.transaction() as session:
        session.execute(text("UPDATE accounts SET must_change_password = true"))
    tiles.asks.forget()
    browser.get(address(two_towns), headers=GZIP)
    assert quick.get(address(two_towns), headers=GZIP).status_code == ASKED_ON


def test_the_quick_way_is_closed_after_a_change(asker, two_towns: TwoTowns) -> None:
    browser, quick = asker("viewer_a")
    browser.get(address(two_towns), headers=GZIP)
    assert quick.get(address(two_towns), headers=GZIP).status_code == 200
    tiles.forget({"roads"})
    assert quick.get(address(two_towns), headers=GZIP).status_code == ASKED_ON


def test_tiles_of_the_quick_way_are_counted_as_the_others(asker, two_towns: TwoTowns) -> None:
    browser, quick = asker("viewer_a")
    browser.get(address(two_towns), headers=GZIP)
    counted = [
        line for line in browser.get("/metrics").text.splitlines() if "requests_total" in line and "/tiles/" in line
    ]
    quick.get(address(two_towns), headers=GZIP)
    again = [
        line for line in browser.get("/metrics").text.splitlines() if "requests_total" in line and "/tiles/" in line
    ]
    assert [line.rsplit(" ", 1)[0] for line in counted] == [line.rsplit(" ", 1)[0] for line in again]
    assert counted != again
