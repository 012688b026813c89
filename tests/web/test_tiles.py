"""Tiles and points over HTTP: unchanged when they are, compressed, refused when there is no such place."""

import gzip
import json
from collections.abc import Callable

from sqlalchemy import text

from data import db
from tests.web.asks import tile
from tests.web.conftest import Browser
from tests.web.towns import TwoTowns

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
