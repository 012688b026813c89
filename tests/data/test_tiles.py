"""Tiles show what lies in scope, use their indexes, and bear a stamp that changes when they would."""

import math
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from data import db, tiles

POINT = (104.62, 29.19)


def tile_at(lng: float, lat: float, z: int) -> dict[str, int]:
    """Return the tile that holds a place."""
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return {"z": z, "x": int((lng + 180) / 360 * 2**z), "y": int(down * 2**z)}


PLACE = tile_at(*POINT, 10)


def area(session: Session, code: str, level: str, west: float, parent: int | None = None) -> int:
    number: int = session.execute(
        text("INSERT INTO areas (code, level) VALUES (:code, :level) RETURNING id"), {"code": code, "level": level}
    ).scalar_one()
    session.execute(
        text(
            "INSERT INTO area_versions (area_id, parent_id, name, boundary, during) VALUES (:id, :parent, :name,"
            " ST_Multi(ST_MakeEnvelope(:west, 29.16, :west + 0.03, 29.22, 4326)), '[2020-01-01,)')"
        ),
        {"id": number, "parent": parent, "name": f"镇{code}", "west": west},
    )
    return number


@pytest.fixture
def two(session: Session) -> dict[str, int]:
    """Make two towns side by side in one tile, with a road and a building in each, and an account for the first."""
    towns = {"a": area(session, "tile-a", "town", 104.60), "b": area(session, "tile-b", "town", 104.64)}
    session.execute(text("SELECT refresh_paths()"))
    for mark, west in (("a", 104.61), ("b", 104.65)):
        session.execute(
            text(
                "INSERT INTO roads (code, name, kind, geom, paths) VALUES ('r' || :mark, '路' || :mark, 'main',"
                " ST_SetSRID(ST_MakeLine(ST_MakePoint(:x, 29.18), ST_MakePoint(:x + 0.01, 29.2)), 4326),"
                " ARRAY[CAST(:path AS ltree)])"
            ),
            {"mark": mark, "x": west, "path": str(towns[mark])},
        )
    account = session.execute(
        text("INSERT INTO accounts (login, password_hash, roles) VALUES ('tiles', 'x', '{viewer}') RETURNING id")
    ).scalar_one()
    session.execute(
        text("INSERT INTO account_grants (account_id, area_id) VALUES (:account, :area)"),
        {"account": account, "area": towns["a"]},
    )
    return towns | {"account": account}


def names_in(tile: tiles.Tile) -> set[str]:
    return {mark for mark in ("镇tile-a", "镇tile-b") if mark.encode() in tile.body}


def test_an_account_sees_its_own_town_only(session: Session, two: dict[str, int]) -> None:
    db.act_for(session, two["account"])
    assert names_in(tiles.tile(session, "areas", **PLACE)) == {"镇tile-a"}
    whole = tiles.tile(session, "base", **PLACE)
    assert names_in(whole) == {"镇tile-a"}
    assert b"roads" in whole.body


def test_nobody_sees_nothing(session: Session, two: dict[str, int]) -> None:
    for layer in tiles.LAYERS:
        assert tiles.tile(session, layer, **PLACE).body == b""


def test_the_stamp_differs_by_scope_and_changes_with_its_layer_only(session: Session, two: dict[str, int]) -> None:
    nobody = tiles.stamp(session, "base")
    db.act_for(session, two["account"])
    before = {layer: tiles.stamp(session, layer) for layer in tiles.LAYERS}
    assert before["base"] != nobody
    session.execute(text("RESET ROLE"))
    session.execute(text("UPDATE roads SET name = name WHERE code = 'ra'"))
    changed = {layer for layer, stamp in before.items() if tiles.stamp(session, layer) != stamp}
    # Gaps are weighted by roads.
    assert changed == {"base", "roads", "gaps"}


def test_many_changes_are_folded_into_a_few_rows(session: Session, two: dict[str, int]) -> None:
    def version() -> tuple[int, int]:
        row = session.execute(text("SELECT sum(changes), count(*) FROM layer_changes WHERE layer = 'roads'")).one()
        return int(row[0]), int(row[1])

    before, _ = version()
    for _ in range(400):
        session.execute(text("UPDATE roads SET name = name WHERE code = 'ra'"))
    after, rows = version()
    assert after == before + 400
    assert rows < 400


def test_a_full_tile_says_that_it_was_cut(session: Session, two: dict[str, int]) -> None:
    session.execute(
        text(
            "INSERT INTO places (code, name, geom, path)"
            " SELECT 'many' || n, 'x', ST_SetSRID(ST_MakePoint(:lng, :lat), 4326), CAST(:path AS ltree)"
            " FROM generate_series(1, 2001) n"
        ),
        {"lng": POINT[0], "lat": POINT[1], "path": str(two["a"])},
    )
    db.act_for(session, two["account"])
    assert tiles.tile(session, "places", **tile_at(*POINT, 14)).truncated
    assert not tiles.tile(session, "places", **tile_at(POINT[0] + 0.1, POINT[1], 14)).truncated


@pytest.mark.parametrize(
    ("z", "x", "y", "is_one"), [(0, 0, 0, True), (1, 2, 0, False), (21, 0, 0, False), (3, 7, 7, True)]
)
def test_only_places_of_the_grid_are_tiles(z: int, x: int, y: int, is_one: bool) -> None:
    assert tiles.is_place(z, x, y) is is_one


@pytest.fixture
def plans(session: Session) -> Iterator[list[str]]:
    """Collect the plans of everything that runs inside functions."""
    found: list[str] = []
    driver = session.connection().connection.driver_connection
    assert driver is not None
    note = lambda message: found.append(str(message.message_primary))  # noqa: E731  removed again below
    driver.add_notice_handler(note)
    session.execute(text("LOAD 'auto_explain'"))
    for setting, value in {
        "auto_explain.log_min_duration": "0",
        "auto_explain.log_nested_statements": "on",
        "client_min_messages": "log",
    }.items():
        session.execute(text("SELECT set_config(:setting, :value, true)"), {"setting": setting, "value": value})
    yield found
    session.execute(text("SET LOCAL client_min_messages = notice"))
    driver.remove_notice_handler(note)


@pytest.mark.parametrize(
    ("layer", "index"),
    [
        ("buildings", "ix_buildings_geom_3857"),
        ("roads", "ix_roads_geom_3857"),
        ("places", "ix_places_geom_3857"),
    ],
)
def test_a_tile_is_read_through_its_spatial_index(
    session: Session, two: dict[str, int], plans: list[str], layer: str, index: str
) -> None:
    fill = {
        "buildings": "INSERT INTO buildings (code, geom, path)"
        " SELECT 'p' || n, ST_Expand(g, 0.0001), CAST(:path AS ltree)",
        "roads": "INSERT INTO roads (code, kind, geom, paths) SELECT 'p' || n, 'main',"
        " ST_MakeLine(g, ST_Translate(g, 0.001, 0)), ARRAY[CAST(:path AS ltree)]",
        "places": "INSERT INTO places (code, name, geom, path) SELECT 'p' || n, 'x', g, CAST(:path AS ltree)",
    }[layer]
    session.execute(
        text(
            f"{fill} FROM (SELECT n, ST_SetSRID(ST_MakePoint(104 + (n % 100) * 0.02, 29 + (n / 100) * 0.02), 4326) AS g"
            " FROM generate_series(1, 10000) n) t"
        ),
        {"path": str(two["a"])},
    )
    session.execute(text(f"ANALYZE {layer}"))
    db.act_for(session, two["account"])
    plans.clear()
    tiles.tile(session, layer, **tile_at(*POINT, 14))
    plan = "\n".join(plans)
    assert index in plan
    assert f"Seq Scan on {layer}" not in plan
