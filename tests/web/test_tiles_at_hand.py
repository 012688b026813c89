"""Tiles that are answered before the application: the same to the letter, and only to who was known a moment ago."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text
from werkzeug.test import Client, TestResponse

from data import db
from tests.web import towns
from tests.web.asks import tile
from tests.web.conftest import Browser
from tests.web.towns import TwoTowns
from web import tiles
from web.tiles_at_hand import TilesAtHand

Browsers = Callable[[str | None], Browser]
ASKED_ON = 599


class Asker(Client):
    """Somebody with the cookie of a session, in front of an application that answers everything with ASKED_ON."""

    def __init__(self, token: str, *, port: int) -> None:
        def application(_environ: object, start_response: Callable[..., object]) -> list[bytes]:
            start_response(f"{ASKED_ON} Asked on", [])
            return []

        super().__init__(TilesAtHand(application, port=port))
        self.set_cookie(f"sharpeyes_{port}_token", token)


@pytest.fixture
def asker(app, two_towns: TwoTowns) -> Iterator[Callable[[str], tuple[Browser, Asker]]]:
    """Return by login a browser and an asker of one session; what the process believes ends with the test."""

    def of(login: str) -> tuple[Browser, Asker]:
        token = towns.open_sign_in(two_towns.accounts[login])
        browser = app.test_client()
        browser.set_cookie(f"sharpeyes_{app.config['PORT']}_token", token)
        return browser, Asker(token, port=app.config["PORT"])

    tiles.asks.hear(changes=True)
    yield of
    tiles.asks.hear(changes=False)


def address(two_towns: TwoTowns, layer: str = "base", zoom: int = 15) -> str:
    at = tile(two_towns.a, zoom)
    return f"/tiles/{layer}/{at['z']}/{at['x']}/{at['y']}.mvt"


def said(answer: TestResponse) -> tuple[str, list[tuple[str, str]], bytes]:
    return answer.status, sorted(answer.headers), answer.data


def many_incidents(two_towns: TwoTowns) -> None:
    with db.transaction() as session:
        session.execute(
            text(
                "INSERT INTO incidents (code, kind, at, geom, path) SELECT 'g' || n, 'x', now(), geom, path"
                " FROM incidents, generate_series(1, 200) n WHERE id = :id"
            ),
            {"id": two_towns.a.ids["incidents"]},
        )


@pytest.mark.parametrize("layer", ["base", "cameras", "incidents"])
@pytest.mark.parametrize("zoom", [8, 15])
def test_both_ways_answer_the_same_to_the_letter(asker, two_towns: TwoTowns, layer: str, zoom: int) -> None:
    many_incidents(two_towns)
    browser, at_hand = asker("editor_a")
    at = address(two_towns, layer, zoom)
    first = browser.get(at, headers={"Accept-Encoding": "gzip"})
    for more in ({}, {"If-None-Match": first.headers["ETag"]}):
        known = at_hand.get(at, headers={"Accept-Encoding": "gzip", **more})
        tiles.asks.forget()
        assert said(known) == said(browser.get(at, headers={"Accept-Encoding": "gzip", **more}))
    assert first.status_code == 200
    assert known.status_code == 304


def test_over_https_too_they_answer_the_same(asker, app, two_towns: TwoTowns) -> None:
    browser, at_hand = asker("editor_a")
    secure = {"base_url": "https://localhost"}
    for one in (browser, at_hand):
        token = one.get_cookie(f"sharpeyes_{app.config['PORT']}_token").value
        one.set_cookie(f"__Host-sharpeyes_{app.config['PORT']}_token", token, secure=True)
    first = browser.get(address(two_towns), **secure)
    assert "Strict-Transport-Security" in first.headers
    assert said(at_hand.get(address(two_towns), **secure)) == said(first)


@pytest.mark.parametrize(
    "headers",
    [
        {"If-None-Match": '"another"'},
        {"If-None-Match": 'W/"another", "one-more"'},
        {"Accept-Encoding": "identity"},
        {"Accept-Encoding": "gzip;q=0"},
    ],
    ids=str,
)
def test_whatever_is_not_plain_goes_the_whole_way(asker, two_towns: TwoTowns, headers: dict[str, str]) -> None:
    many_incidents(two_towns)
    browser, at_hand = asker("editor_a")
    at = address(two_towns, "incidents")
    assert browser.get(at, headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"
    assert at_hand.get(at, headers={"Accept-Encoding": "gzip"}).status_code == 200
    assert at_hand.get(at, headers=headers).status_code == ASKED_ON


@pytest.mark.parametrize("path", ["/tiles/base/3/8/0.mvt", "/tiles/secrets/1/0/0.mvt", "/tiles/base/1/0/0", "/wall"])
def test_what_is_no_tile_goes_the_whole_way(asker, two_towns: TwoTowns, path: str) -> None:
    browser, at_hand = asker("editor_a")
    browser.get(address(two_towns))
    assert at_hand.get(path).status_code == ASKED_ON
    assert at_hand.post(address(two_towns)).status_code == ASKED_ON


def test_nobody_is_given_what_another_was(asker, two_towns: TwoTowns) -> None:
    of_all, _ = asker("editor_all")
    etag = of_all.get(address(two_towns)).headers["ETag"]
    browser, other = asker("editor_b")
    assert other.get(address(two_towns)).status_code == ASKED_ON
    own = browser.get(address(two_towns))
    assert other.get(address(two_towns), headers={"If-None-Match": etag}).status_code == ASKED_ON
    assert said(other.get(address(two_towns))) == said(own)
    assert "柳溪".encode() not in own.data


def test_who_must_replace_a_password_is_asked_on(asker, two_towns: TwoTowns) -> None:
    browser, at_hand = asker("viewer_a")
    browser.get(address(two_towns))
    assert at_hand.get(address(two_towns)).status_code == 200
    with db.transaction() as session:
        session.execute(text("UPDATE accounts SET must_change_password = true"))
    tiles.asks.forget()
    browser.get(address(two_towns))
    assert at_hand.get(address(two_towns)).status_code == ASKED_ON


def test_nothing_is_at_hand_after_a_change(asker, two_towns: TwoTowns) -> None:
    browser, at_hand = asker("viewer_a")
    browser.get(address(two_towns))
    assert at_hand.get(address(two_towns)).status_code == 200
    tiles.forget({"roads"})
    assert at_hand.get(address(two_towns)).status_code == ASKED_ON


def test_tiles_at_hand_are_counted_as_the_others(asker, two_towns: TwoTowns) -> None:
    browser, at_hand = asker("viewer_a")
    browser.get(address(two_towns))
    counted = [
        line for line in browser.get("/metrics").text.splitlines() if "requests_total" in line and "/tiles/" in line
    ]
    at_hand.get(address(two_towns))
    again = [
        line for line in browser.get("/metrics").text.splitlines() if "requests_total" in line and "/tiles/" in line
    ]
    assert [line.rsplit(" ", 1)[0] for line in counted] == [line.rsplit(" ", 1)[0] for line in again]
    assert counted != again
