"""Tiles of cameras and incidents: exact counts inside the scope, through indexes, and no more than may be told."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bench.lib.mvt import Point, points
from data import db, events, incidents, tiles, wall
from tests.data.test_tiles import POINT, area, plans, tile_at
from tests.data.test_wall import by_id, say

__all__ = ["plans"]

HEALTHS = ("online", "degraded", "offline", "unknown", "maintenance")
# Places in and about two towns, with some in the same spot and some outside both.
WEST, EAST, SOUTH, NORTH = 104.58, 104.70, 29.14, 29.24


@pytest.fixture
def county(session: Session) -> dict[str, int]:
    """Make two towns, 300 cameras and 900 incidents scattered over both, and accounts for one town and for all."""
    made = {"a": area(session, "pt-a", "town", 104.60), "b": area(session, "pt-b", "town", 104.64)}
    session.execute(text("SELECT refresh_paths()"))
    rng = random.Random(7)
    scatter(session, "cameras", rng, made, 300)
    scatter(session, "incidents", rng, made, 900)
    accounts = {"each_a": "editor", "told_a": "viewer", "each": "admin", "told": "operator"}
    for login, role in accounts.items():
        made[login] = session.execute(
            text("INSERT INTO accounts (login, password_hash, roles) VALUES (:login, 'x', ARRAY[:role]) RETURNING id"),
            {"login": login, "role": role},
        ).scalar_one()
        session.execute(
            text("INSERT INTO account_grants (account_id, area_id) VALUES (:account, :area)"),
            {"account": made[login], "area": made["a"] if login.endswith("_a") else None},
        )
    return made


def scatter(session: Session, table: str, rng: random.Random, towns: dict[str, int], count: int) -> None:
    """Add rows at random places, a third of them where another one is, in town a, town b or no area."""
    spots: list[tuple[float, float]] = []
    for _ in range(count):
        again = spots and rng.random() < 0.33
        spots.append(rng.choice(spots) if again else (rng.uniform(WEST, EAST), rng.uniform(SOUTH, NORTH)))
    columns, values = ("name", "'x'") if table == "cameras" else ("kind, at", "'盗窃', now()")
    session.execute(
        text(
            f"INSERT INTO {table} (code, {columns}, geom, area_id, path) SELECT :table || 'pt' || n, {values},"
            " ST_SetSRID(ST_MakePoint(lng, lat), 4326), a.id, coalesce(a.path, '')"
            " FROM unnest(CAST(:lng AS float8[]), CAST(:lat AS float8[])) WITH ORDINALITY p (lng, lat, n)"
            " LEFT JOIN areas a ON a.id = CASE WHEN lng < 104.63 THEN :a WHEN lng >= 104.64 THEN :b END"
        ),
        {"table": table, "lng": [p[0] for p in spots], "lat": [p[1] for p in spots], "a": towns["a"], "b": towns["b"]},
    )


def seen(session: Session, layer: str, **at: int) -> list[Point]:
    return points(tiles.tile(session, layer, **at).body)


def around(z: int) -> Iterator[dict[str, int]]:
    """Yield every tile of a zoom that touches the places."""
    first, last = tile_at(WEST, NORTH, z), tile_at(EAST, SOUTH, z)
    for x in range(first["x"], last["x"] + 1):
        for y in range(first["y"], last["y"] + 1):
            yield {"z": z, "x": x, "y": y}


def as_account(session: Session, account: int) -> None:
    session.execute(text("RESET ROLE"))
    db.act_for(session, account)


# The same question to the table itself, by the geometry PostGIS projects and not by our spots.
COUNT = """
    SELECT count(*) FROM {table} t, ST_TileEnvelope(:z, :x, :y) e
    WHERE t.geom_3857 && e AND ST_X(t.geom_3857) >= ST_XMin(e) AND ST_X(t.geom_3857) < ST_XMax(e)
        AND ST_Y(t.geom_3857) > ST_YMin(e) AND ST_Y(t.geom_3857) <= ST_YMax(e)
        AND t.path <@ ANY ((SELECT scope_paths())::ltree[])
"""


def counted(session: Session, table: str, at: dict[str, int]) -> int:
    return int(session.execute(text(COUNT.format(table=table)), at).scalar_one())


@pytest.mark.parametrize("z", [0, 3, 8, 10, 11, 12, 13])
@pytest.mark.parametrize("login", ["each", "each_a"])
def test_groups_of_a_tile_count_every_point_of_the_scope_once(
    session: Session, county: dict[str, int], z: int, login: str
) -> None:
    as_account(session, county[login])
    for at in around(z):
        for table in ("cameras", "incidents"):
            groups = seen(session, table, **at)
            assert sum(group.properties["count"] for group in groups) == counted(session, table, at), (table, at)
            assert {group.layer for group in groups} <= {"clusters"}
            squares = [(group.x // 512, group.y // 512) for group in groups]
            assert len(squares) == len(set(squares)) <= 64


@pytest.mark.parametrize("login", ["each", "each_a"])
@pytest.mark.parametrize("z", [14, 20])
def test_near_by_each_point_of_the_scope_is_one_feature(
    session: Session, county: dict[str, int], z: int, login: str
) -> None:
    as_account(session, county[login])
    for table in ("cameras", "incidents"):
        wanted = set(session.execute(text(f"SELECT id FROM {table} WHERE geom IS NOT NULL")).scalars())
        if z == 20:  # a few of the many tiles
            places = session.execute(text(f"SELECT ST_X(geom), ST_Y(geom), id FROM {table} ORDER BY id LIMIT 20")).all()
            for lng, lat, number in places:
                assert number in {point.id for point in seen(session, table, **tile_at(lng, lat, z))}
            continue
        found = Counter(point.id for at in around(z) for point in seen(session, table, **at))
        assert set(found) == wanted
        assert set(found.values()) == {1}


def test_a_point_lies_where_postgis_puts_it(session: Session, county: dict[str, int]) -> None:
    as_account(session, county["each"])
    for table in ("cameras", "incidents"):
        at = tile_at(*POINT, 14)
        envelope = "ST_TileEnvelope(:z, :x, :y)"
        wanted = {
            row.id: (row.x, row.y)
            for row in session.execute(
                text(
                    f"SELECT id, ST_X(g) AS x, ST_Y(g) AS y FROM (SELECT id, ST_AsMVTGeom(geom_3857, {envelope}) AS g"
                    f" FROM {table} WHERE geom_3857 && {envelope}) t WHERE g IS NOT NULL"
                ),
                at,
            )
        }
        found = seen(session, table, **at)
        assert found
        for point in found:
            x, y = wanted[point.id or 0]
            assert abs(point.x - x) <= 1
            assert abs(point.y - y) <= 1


def test_a_group_lies_in_the_middle_of_its_members(session: Session, county: dict[str, int]) -> None:
    as_account(session, county["each"])
    for table, off in (("incidents", 1.0), ("cameras", 64.0)):
        for at in around(11):
            wanted = session.execute(
                text(
                    "SELECT avg(px), avg(py), count(*) FROM (SELECT"
                    " (ST_X(geom_3857) - ST_XMin(e)) / (ST_XMax(e) - ST_XMin(e)) * 4096 AS px,"
                    " (ST_YMax(e) - ST_Y(geom_3857)) / (ST_XMax(e) - ST_XMin(e)) * 4096 AS py"
                    f" FROM {table}, ST_TileEnvelope(:z, :x, :y) e WHERE geom_3857 && e) p"
                    " GROUP BY floor(px / 512), floor(py / 512)"
                ),
                at,
            ).all()
            groups = {(group.x // 512, group.y // 512): group for group in seen(session, table, **at)}
            for x, y, count in wanted:
                group = groups[int(x // 512), int(y // 512)]
                assert group.properties["count"] == count
                assert abs(group.x - x) <= off
                assert abs(group.y - y) <= off


@pytest.mark.parametrize("login", ["each", "each_a"])
def test_groups_count_each_health_as_the_snapshot_has_it(session: Session, county: dict[str, int], login: str) -> None:
    rng = random.Random(3)
    cameras = session.execute(text("SELECT id FROM cameras ORDER BY id")).scalars().all()
    for camera in cameras[:120]:
        say(session, camera, rng.choice(HEALTHS[:4]), valid_s=rng.choice((60, -60)))
    session.execute(text("UPDATE cameras SET record_state = 'repair' WHERE id % 11 = 0"))
    session.execute(text("UPDATE cameras SET record_state = 'dismantled' WHERE id % 13 = 0"))
    session.execute(
        text(
            "INSERT INTO maintenance_windows (camera_id, path, starts_at, ends_at, reason) SELECT id, path,"
            " now() - interval '1 hour', now() + interval '1 hour', '检修' FROM cameras WHERE id = :id"
        ),
        {"id": cameras[5]},
    )
    as_account(session, county[login])
    snapshot = Counter(HEALTHS[row["health"]] for row in by_id(wall.health(session)).values())
    for z in (5, 11, 13):
        total: Counter[str] = Counter()
        for at in around(z):
            for group in seen(session, "cameras", **at):
                counts = {health: group.properties[health] for health in HEALTHS}
                assert sum(counts.values()) == group.properties["count"]
                assert (group.id is not None) == (group.properties["count"] == 1)
                total.update(counts)
        assert +total == snapshot


def test_counts_follow_what_is_added_changed_moved_and_removed(session: Session, county: dict[str, int]) -> None:
    steps = (
        "UPDATE incidents SET geom = ST_Translate(geom, 0.02, 0.01) WHERE id % 3 = 0",
        "DELETE FROM incidents WHERE id % 5 = 0",
        f"UPDATE incidents SET path = '{county['b']}', area_id = {county['b']} WHERE id % 7 = 0",
        "UPDATE incidents SET geom = NULL WHERE id % 11 = 0",
        "INSERT INTO incidents (code, kind, at, geom) SELECT code || 'later', kind, at, geom FROM incidents LIMIT 9",
        "UPDATE incidents SET kind = '火警' WHERE id % 2 = 0",
    )
    for step in steps:
        session.execute(text("RESET ROLE"))
        session.execute(text(step))
        for login in ("each", "each_a"):
            as_account(session, county[login])
            for z in (8, 11, 13):
                for at in around(z):
                    groups = seen(session, "incidents", **at)
                    assert sum(group.properties["count"] for group in groups) == counted(session, "incidents", at), step
    session.execute(text("RESET ROLE"))
    session.execute(text("DELETE FROM incidents"))
    assert session.execute(text("SELECT count(*) FROM incident_squares")).scalar_one() == 0


def test_two_writers_of_one_square_neither_wait_nor_miscount(committed: Path) -> None:
    add = text(
        "INSERT INTO incidents (code, kind, at, geom) SELECT :mark || n, 'x', now(),"
        " ST_SetSRID(ST_MakePoint(104.62, 29.19), 4326) FROM generate_series(1, :n) n"
    )
    coverage = ("matters_came", "matters_went")
    with db.transaction() as first:
        # What keeps coverage lets writers of the ground go one by one; this is about the counts alone.
        for trigger in coverage:
            first.execute(text(f"ALTER TABLE incidents DISABLE TRIGGER {trigger}"))
        first.execute(add, {"mark": "first", "n": 3})
    with db.transaction() as one, db.transaction() as other:
        for session in (one, other):
            session.execute(text("SET LOCAL lock_timeout = '5s'"))
        one.execute(add, {"mark": "one", "n": 5})
        other.execute(add, {"mark": "other", "n": 7})
        one.execute(text("DELETE FROM incidents WHERE code = 'first1'"))
        other.execute(text("DELETE FROM incidents WHERE code = 'first2'"))
    squares = text("SELECT zoom, sum(events) FROM incident_squares GROUP BY zoom ORDER BY zoom")
    with db.transaction() as after:
        assert [tuple(row) for row in after.execute(squares)] == [(zoom, 13) for zoom in (0, 11, 14, 17)]
        after.execute(text("DELETE FROM incidents"))
    with db.transaction() as after:
        assert after.execute(squares).all() == []
        for trigger in coverage:
            after.execute(text(f"ALTER TABLE incidents ENABLE TRIGGER {trigger}"))


def test_who_may_not_see_each_incident_sees_the_table_of_cells(session: Session, county: dict[str, int]) -> None:
    few = area(session, "pt-few", "town", 104.66)
    session.execute(text("SELECT refresh_paths()"))
    session.execute(
        text(
            "INSERT INTO incidents (code, kind, at, area_id, path, geom) SELECT 'few' || n, 'x', now(), id, path,"
            " ST_SetSRID(ST_MakePoint(104.67, 29.2), 4326) FROM areas, generate_series(1, 4) n WHERE id = :id"
        ),
        {"id": few},
    )
    as_account(session, county["told"])
    whole = incidents.Wanted(kind=None, start=datetime(1970, 1, 1, tzinfo=UTC), end=datetime(9000, 1, 1, tzinfo=UTC))
    told = {cell["code"]: cell["count"] for cell in incidents.counts(session, whole) if cell["count"] is not None}
    assert "pt-few" not in told
    assert set(told) == {"pt-a", "pt-b"}
    for z in (3, 9, 11, 14, 16):
        marks = [mark for at in around(z) for mark in seen(session, "incidents", **at)]
        assert sum(mark.properties["count"] for mark in marks) == sum(told.values())
        assert sum(mark.properties["areas"] for mark in marks) == len(told)
        assert {mark.layer for mark in marks} == {"told"}
    as_account(session, county["told_a"])
    assert [mark.properties["count"] for mark in seen(session, "incidents", **tile_at(*POINT, 9))] == [told["pt-a"]]
    session.execute(text("RESET ROLE"))
    assert session.execute(text("SELECT told_from()")).scalar_one() == incidents.LEAST


def test_stamps_differ_by_what_may_be_seen_and_follow_their_layer(session: Session, county: dict[str, int]) -> None:
    def stamps() -> dict[tuple[str, int], str]:
        as_account(session, county["each_a"])
        found = {(layer, z): tiles.stamp(session, layer, z=z) for layer in ("cameras", "incidents") for z in (8, 14)}
        session.execute(text("RESET ROLE"))
        return found

    before = stamps()
    as_account(session, county["told_a"])
    assert tiles.stamp(session, "incidents", z=8) != before["incidents", 8]
    session.execute(text("RESET ROLE"))
    session.execute(text("UPDATE incidents SET kind = kind WHERE id = 0"))
    after = stamps()
    assert {key for key in before if before[key] != after[key]} == {("incidents", 8), ("incidents", 14)}
    events.announce(session, "health", path="1", body={"id": 1})
    assert {key for key, stamp in stamps().items() if stamp != after[key]} == {("cameras", 8)}


def test_a_tile_over_its_cap_is_cut_in_the_same_way_each_time(session: Session, county: dict[str, int]) -> None:
    place = {"lng": POINT[0], "lat": POINT[1]}
    session.execute(
        text(
            "INSERT INTO cameras (code, name, geom) SELECT 'crowd' || n, 'x',"
            " ST_SetSRID(ST_MakePoint(:lng + n * 1e-8, :lat), 4326) FROM generate_series(1, 20001) n"
        ),
        place,
    )
    as_account(session, county["each"])
    at = tile_at(*POINT, 14)
    first, again = tiles.tile(session, "cameras", **at), tiles.tile(session, "cameras", **at)
    assert first.truncated
    assert first.body == again.body
    assert len(points(first.body)) == 20_001  # the one that told that there are more is drawn too
    # Groups lose nobody.
    far = tiles.tile(session, "cameras", **tile_at(*POINT, 13))
    assert not far.truncated
    assert sum(group.properties["count"] for group in points(far.body)) > 20_000


@pytest.mark.parametrize(
    ("layer", "z", "index", "table"),
    [
        ("cameras", 11, "ix_camera_state_spot", "camera_state"),
        ("cameras", 14, "ix_camera_state_spot", "cameras"),
        ("incidents", 11, "ix_incident_squares_zoom", "incident_squares"),
        ("incidents", 14, "ix_incidents_spot", "incidents"),
    ],
)
def test_points_are_read_through_their_index(
    session: Session, county: dict[str, int], plans: list[str], layer: str, z: int, index: str, table: str
) -> None:
    columns, values = ("name", "'x'") if layer == "cameras" else ("kind, at", "'x', now()")
    session.execute(
        text(
            f"INSERT INTO {layer} (code, {columns}, geom) SELECT 'far' || n, {values},"
            " ST_SetSRID(ST_MakePoint(100 + n % 83 * 0.1, 20 + n % 89 * 0.1), 4326) FROM generate_series(1, 3000) n"
        )
    )
    session.execute(text("ANALYZE cameras, camera_state, incidents, incident_squares"))
    as_account(session, county["each"])
    plans.clear()
    tiles.tile(session, layer, **tile_at(*POINT, z))
    plan = "\n".join(plans)
    assert index in plan
    assert f"Seq Scan on {table} " not in plan
