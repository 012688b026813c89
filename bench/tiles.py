"""Filling a map with tiles of a million incidents and all surveillance cameras of OpenStreetMap, beside tipg.

Run from the checkout: ./run.sh bench tiles [--quick] [--tipg PYTHON]. Makes a home of its own and removes it. Without
--tipg, the peer is installed into a folder of its own below the temporary files.
"""

import argparse
import contextlib
import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import text

from bench.lib import mvt, tile_data, tile_report
from bench.lib.machine import stolen
from bench.lib.peers import python_with
from bench.lib.tile_clients import Door, Filled, Tile, crowd, listening, sign_in, viewport_at
from bench.lib.tile_report import Row, Way
from bench.lib.tile_servers import PEER, ours, tipg
from data import accounts, cluster, db, migrate, settings, tiles

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
REPORT = ROOT / "docs" / "benchmarks" / "tiles.md"
PASSWORD = "correct-horse-9"
ZOOMS = (8, 11, 14, 16)
CLIENTS = (1, 8, 32)
# Warm viewports take so little that one stumble of the machine would be the p95 of a single round of them.
WARM = 5
LAYERS = ("incidents", "cameras")
# As many features as our own tiles hold, so that both may be compared; and what tipg does by itself.
EQUAL, DEFAULT = 100_001, 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured: rows, and viewports for each number of clients (at least one each)."""

    incidents: int
    cameras: int
    viewports: int
    clients: tuple[int, ...] = CLIENTS


FULL = Size(incidents=1_000_000, cameras=237_478, viewports=24)
QUICK = Size(incidents=50_000, cameras=20_000, viewports=4, clients=(1, 8))


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a twentieth of the data, few viewports, no report kept")
    parser.add_argument("--tipg", type=Path, help="the Python of an environment with tipg and uvicorn")
    chosen = parser.parse_args()
    size = QUICK if chosen.quick else FULL
    python = chosen.tipg or python_with("tipg", *PEER)
    with county(size):
        rows = measure(size, python)
    said = tile_report.report(rows, incidents=size.incidents, cameras=size.cameras)
    print(said)
    if not chosen.quick:
        REPORT.write_text(said)


@contextlib.contextmanager
def county(size: Size) -> Iterator[None]:
    """Run a database full of incidents and cameras."""
    with tempfile.TemporaryDirectory(prefix="tiles-") as folder:
        Path(folder).chmod(0o755)
        os.environ["SHARPEYES_HOME"] = folder
        settings.get.cache_clear()
        mine = cluster.of_home(Path(folder), options={"fsync": "off"})
        cluster.start(mine)
        try:
            migrate.upgrade(db.engine())
            furnish(size)
            yield
        finally:
            db.engine().dispose()
            cluster.stop(mine)


def furnish(size: Size) -> None:
    """Fill the tables and make one account that sees everything."""
    tile_data.fill(SHARED, incidents=size.incidents, cameras=size.cameras)
    with db.transaction() as session:
        account = session.execute(
            text(
                "INSERT INTO accounts (login, password_hash, roles, must_change_password)"
                " VALUES ('tiles', :hash, '{admin}', false) RETURNING id"
            ),
            {"hash": accounts.hashed(PASSWORD)},
        ).scalar_one()
        session.execute(text("INSERT INTO account_grants (account_id) VALUES (:id)"), {"id": account})
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def measure(size: Size, python: Path) -> list[Row]:
    """Return what every way of filling viewports took, and what its tiles held."""
    asked = [(layer, z, clients) for layer in LAYERS for z in ZOOMS for clients in size.clients]
    places = {layer: somewhere(layer) for layer in LAYERS}
    views = {key: looks(places[key[0]], key[1], key[2], size.viewports) for key in asked}
    found: dict[tuple[str, int, int], dict[str, Way]] = {key: {} for key in asked}
    with ours(ROOT) as port:
        cookie = sign_in(port, "tiles", PASSWORD)
        with listening(port, cookie):
            for layer, z, clients in asked:
                door = Door(port, f"/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt", {"Cookie": cookie})
                found[layer, z, clients] |= by_us(door, layer, views[layer, z, clients])
                print(layer, z, clients, "ours", flush=True)
    for name, most in (("tipg", DEFAULT), ("tipg, equal", EQUAL)):
        with tipg(python, most=most) as port:
            for layer, z, clients in asked:
                # Far out it always drops features; near, it is let draw as many as we do.
                if (most == EQUAL) != (z >= tiles.SINGLES_FROM):
                    continue
                path = f"/collections/public.{layer}/tiles/WebMercatorQuad/{{z}}/{{x}}/{{y}}"
                door = Door(
                    port,
                    f"{path}?geom-column=geom_3857&properties=id,{'kind' if layer == 'incidents' else 'bearing_deg'}",
                )
                crowd(door, views[layer, z, clients][:1])
                filled = crowd(door, views[layer, z, clients])
                found[layer, z, clients]["tipg"] = way(filled)
                print(layer, z, clients, name, flush=True)
    return [Row(layer=key[0], z=key[1], clients=key[2], there=there(key[0], views[key]), ways=ways)
            for key, ways in found.items()]  # fmt: skip


def by_us(door: Door, layer: str, views: Sequence[Sequence[Sequence[Tile]]]) -> dict[str, Way]:
    """Return what we took: every tile cut, then known to the browser, then kept by the server alone."""
    crowd(door, views[:1])  # connections and plans, which no map meets after the first
    cold = crowd(door, views, before=lambda: change(layer))
    kept = crowd(door, views)
    with stolen() as taken:
        known = crowd(door, [*views] * WARM, etags=kept * WARM)
        cached = crowd(door, [*views] * WARM)
    refused = [a.status for one in known for filled in one for a in filled.answers.values() if a.status != 304]
    # Groups of cameras count health anew every two seconds, and bear the same ETag when that changed nothing.
    if refused:
        print(f"{len(refused)} of {layer} were not answered 304", flush=True)
    warm = {"etag": way(known, decode=False), "cache": way(cached, decode=False)}
    return {"cold": way(cold)} | {name: replace(one, stolen=taken[0]) for name, one in warm.items()}


def change(layer: str) -> None:
    """Make every tile of a layer that is kept anywhere one of the past."""
    with db.transaction() as session:
        session.execute(text("SELECT count_layer_change(:layer)"), {"layer": layer})


def way(rounds: Sequence[Sequence[Filled]], *, decode: bool = True) -> Way:
    """Return the durations of viewports, and how many points their tiles held in all."""
    every = [filled for one in rounds for filled in one]
    wrong = {a.status for filled in every for a in filled.answers.values()} - {200, 204, 304}
    if wrong:
        raise SystemExit(f"tiles were answered {wrong}")
    answers = [answer for filled in every for answer in filled.answers.values()] if decode else []
    held = [answer.tile for answer in answers]
    features = [mvt.features(tile) for tile in held]
    # Only groups stand for more than themselves.
    counted = [
        sum(point.properties["count"] for point in mvt.points(tile)) if b"clusters" in tile[:40] else number
        for tile, number in zip(held, features, strict=True)
    ]
    return Way(
        seconds=[filled.seconds for filled in every],
        features=sum(features),
        counted=sum(counted),
        truncated=sum(answer.truncated for answer in answers),
        sent=sum(len(answer.body) for filled in every for answer in filled.answers.values()),
        first=first_of(every[0]) if decode else {},
    )


def first_of(filled: Filled) -> dict[tuple[Tile, int], tuple[int, int]]:
    """Return where every feature of a viewport lies, by its tile and number, for comparison."""
    return {
        (tile, number): (point.x, point.y)
        for tile, answer in filled.answers.items()
        if tile[0] >= tiles.SINGLES_FROM
        for point in mvt.points(answer.tile)
        # tipg gives it as a property.
        if (number := point.id or point.properties.get("id"))
    }


def somewhere(layer: str) -> list[tuple[float, float]]:
    """Return the places of some hundred rows of a layer, at random but the same each time."""
    asked = f"SELECT ST_X(geom), ST_Y(geom) FROM {layer} WHERE abs(ST_Y(geom)) < 70 ORDER BY md5(id::text) LIMIT 500"
    with db.transaction() as session:
        return [(lng, lat) for lng, lat in session.execute(text(asked))]


def looks(places: Sequence[tuple[float, float]], z: int, clients: int, viewports: int) -> list[list[list[Tile]]]:
    """Return rounds of viewports, one for each client, about places where there is something."""
    rng = random.Random(f"{z} {clients}")
    rounds = max(1, -(-viewports // clients))
    return [[viewport_at(*rng.choice(places), z) for _ in range(clients)] for _ in range(rounds)]


def there(layer: str, views: Sequence[Sequence[Sequence[Tile]]]) -> int:
    """Return how many rows lie in the tiles of some viewports, by a plain count; a tile of two viewports twice."""
    every = [tile for one in views for view in one for tile in view]
    asked = text(tile_data.COUNT.format(layer=layer))
    with db.transaction() as session:
        counts = {(z, x, y): session.execute(asked, {"z": z, "x": x, "y": y}).scalar_one() for z, x, y in set(every)}
    return sum(counts[tile] for tile in every)


if __name__ == "__main__":
    main()
