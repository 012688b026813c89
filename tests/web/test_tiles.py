"""Tiles and points over HTTP: unchanged when they are, compressed, refused when there is no such place."""

import gzip
import json
import time
from collections.abc import Callable

from sqlalchemy import text

from bench.lib.mvt import Point, points
from data import db, events
from tests.web.asks import tile
from tests.web.conftest import Browser
from tests.web.towns import Town, TwoTowns, many_incidents
from web import tiles

Browsers = Callable[[str | None], Browser]


def address(county: TwoTowns, layer: str = "base") -> str:
    at = tile(county.a)
    return f"/tiles/{layer}/{at['z']}/{at['x']}/{at['y']}.mvt"


def test_a_tile_asked_for_again_is_unchanged(browser: Browsers, two_towns: TwoTowns) -> None:
    mine = browser("viewer_a")
    first = mine.get(address(two_towns))
    assert first.status_code == 200
    assert "柳溪".encode() in first.data
    again = mine.get(address(two_towns), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_change_of_a_layer_makes_its_tiles_new(browser: Browsers, two_towns: TwoTowns) -> None:
    mine = browser("viewer_a")
    etag = mine.get(address(two_towns)).headers["ETag"]
    with db.transaction() as session:
        session.execute(text("UPDATE roads SET name = name || '!'"))
    assert mine.get(address(two_towns), headers={"If-None-Match": etag}).status_code == 200


def test_two_scopes_never_share_an_etag(browser: Browsers, two_towns: TwoTowns) -> None:
    mine, whole = browser("viewer_a"), browser("viewer_county")
    etag = mine.get(address(two_towns)).headers["ETag"]
    assert whole.get(address(two_towns), headers={"If-None-Match": etag}).status_code == 200


def test_no_such_layer_and_no_such_place_are_problems(browser: Browsers, two_towns: TwoTowns) -> None:
    mine = browser("viewer_a")
    assert mine.get("/tiles/secrets/1/0/0.mvt").status_code == 404
    refused = mine.get("/tiles/base/3/8/0.mvt")
    assert refused.status_code == 400
    assert refused.content_type == "application/problem+json"


def test_points_are_compressed_json_with_a_strong_etag(browser: Browsers, two_towns: TwoTowns) -> None:
    mine = browser("operator_a")
    with db.transaction() as session:
        session.execute(
            text(
                "INSERT INTO cameras (code, name, area_id, path, geom) SELECT 'n' || n, 'x', c.area_id, c.path, c.geom"
                " FROM cameras c, generate_series(1, 200) n WHERE c.id = :id"
            ),
            {"id": two_towns.a.ids["cameras"]},
        )
    answer = mine.get("/api/v1/cameras/points", headers={"Accept-Encoding": "gzip"})
    columns = json.loads(gzip.decompress(answer.data))
    assert len(columns["id"]) == 201
    assert set(map(len, columns.values())) == {201}
    again = mine.get("/api/v1/cameras/points", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert not answer.headers["ETag"].startswith("W/")


def groups(mine: Browser, layer: str, of: Town, zoom: int = 8) -> tuple[list[Point], str]:
    at = tile(of, zoom)
    answer = mine.get(f"/tiles/{layer}/{at['z']}/{at['x']}/{at['y']}.mvt")
    assert answer.status_code == 200
    return points(answer.data), answer.headers["ETag"]


def counted(found: tuple[list[Point], str]) -> int:
    return sum(point.properties["count"] for point in found[0])


def test_scopes_that_ask_for_one_tile_are_each_given_their_own(browser: Browsers, two_towns: TwoTowns) -> None:
    asked = {login: browser(login) for login in ("editor_all", "editor_a", "editor_b")}
    for _ in range(2):  # cut, then kept
        for layer in ("cameras", "incidents"):
            found = {login: groups(mine, layer, two_towns.a) for login, mine in asked.items()}
            assert {login: counted(one) for login, one in found.items()} == {
                "editor_all": 2, "editor_a": 1, "editor_b": 1,
            }  # fmt: skip
            assert len({etag for _, etag in found.values()}) == 3


def test_who_may_not_see_each_incident_is_never_given_what_an_editor_was(
    browser: Browsers, two_towns: TwoTowns
) -> None:
    for zoom in (8, 16):
        each, etag = groups(browser("editor_a"), "incidents", two_towns.a, zoom)
        told, other = groups(browser("operator_a"), "incidents", two_towns.a, zoom)
        assert (len(each), told) == (1, [])
        assert etag != other


def test_groups_follow_a_change_of_health_and_then_are_unchanged(browser: Browsers, two_towns: TwoTowns) -> None:
    mine = browser("editor_a")
    (before,), etag = groups(mine, "cameras", two_towns.a)
    assert (before.properties["offline"], before.id) == (1, two_towns.a.ids["cameras"])
    near = groups(mine, "cameras", two_towns.a, 15)[1]
    with db.transaction() as session:
        session.execute(text("UPDATE camera_state SET health = 'online'"))
        events.announce(session, "health", path="", body={"id": two_towns.a.ids["cameras"]})
    (after,), new = groups(mine, "cameras", two_towns.a)
    assert (after.properties["online"], after.properties["offline"]) == (1, 0)
    assert etag != new
    at = tile(two_towns.a, 8)
    address = f"/tiles/cameras/{at['z']}/{at['x']}/{at['y']}.mvt"
    assert mine.get(address, headers={"If-None-Match": new}).status_code == 304
    # Place, pose and kind did not change.
    assert groups(mine, "cameras", two_towns.a, 15)[1] == near


def test_nobody_and_a_session_that_was_closed_are_given_no_tile(browser: Browsers, two_towns: TwoTowns) -> None:
    assert browser(None).get(address(two_towns)).status_code == 401
    mine = browser("viewer_a")
    assert mine.get(address(two_towns)).status_code == 200
    with db.transaction() as session:
        session.execute(text("DELETE FROM sign_ins"))
    assert mine.get(address(two_towns)).status_code == 401


def test_a_tile_is_given_unpacked_to_who_does_not_take_gzip(browser: Browsers, two_towns: TwoTowns) -> None:
    many_incidents(two_towns)
    mine = browser("editor_a")
    packed = mine.get(address(two_towns, "incidents"), headers={"Accept-Encoding": "gzip"})
    plain = mine.get(address(two_towns, "incidents"), headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data
    assert len(points(plain.data)) == 201


def test_a_process_drops_tiles_when_the_database_says_that_they_changed(browser: Browsers, two_towns: TwoTowns) -> None:
    mine = browser("editor_a")
    for layer in ("base", "views"):
        mine.get(address(two_towns, layer))
    held = tiles.cache.held_bytes
    listener = events.Listener()
    try:
        with db.transaction() as session:
            session.execute(text("UPDATE roads SET name = name || '!'"))
        changed: set[str] = set()
        deadline = time.monotonic() + 10
        while "roads" not in changed and time.monotonic() < deadline:
            assert listener.hear(timeout_s=0.1) == []
            changed |= listener.changed_layers()
    finally:
        listener.close()
    assert "roads" in changed
    tiles.forget({"buttons"})
    assert tiles.cache.held_bytes == held
    tiles.forget({"roads"})
    assert tiles.cache.held_bytes < held
