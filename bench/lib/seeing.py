"""Who sees a place, and how soon a lost camera shows in what is seen now, in a real database filled from views."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from bench.lib.village import table
from data import cluster, coverage, coverage_upkeep, db, health, migrate, settings
from data.health import Change
from data.types import Health, Pose
from gis.gaps import CellCoverage
from gis.obstacles import to_lnglat
from gis.surfaces import Shapes, array_of
from web.jobs.coverage import update_coverage

ASKED = 300
_CHUNK = 5_000
ADD_CELLS = """
WITH added AS (
    INSERT INTO areas (code, level)
    SELECT 'K' || n, 'cell' FROM unnest(CAST(:wkb AS bytea[])) WITH ORDINALITY w (wkb, n)
    RETURNING id, code
)
INSERT INTO area_versions (area_id, name, boundary, during)
SELECT a.id, a.code, ST_Multi(ST_SetSRID(ST_GeomFromWKB(w.wkb), 4326)), '[2020-01-01,)'
FROM unnest(CAST(:wkb AS bytea[])) WITH ORDINALITY w (wkb, n) JOIN added a ON a.code = 'K' || w.n
"""
ADD_CAMERAS = """
INSERT INTO cameras (code, name, record_state, geom, bearing_deg, hfov_deg, reach_m, width_px)
SELECT 'C' || (:first + n), 'C' || (:first + n), 'in_use', ST_SetSRID(ST_MakePoint(p.lng, p.lat), 4326), p.bearing, 90,
    80, 3840
FROM unnest(CAST(:lng AS float8[]), CAST(:lat AS float8[]), CAST(:bearing AS float8[]))
    WITH ORDINALITY p (lng, lat, bearing, n)
"""
ADD_VIEWS = """
INSERT INTO camera_views (camera_id, camera_version, path, px_per_m, geom, reach_box, area_m2, sector_m2, reach_m,
    computed_at)
SELECT c.id, c.version, c.path, 25, v.geom, ST_Envelope(v.geom), 1, 1, 80, now()
FROM (SELECT 'C' || (:first + n) AS code, ST_SetSRID(ST_GeomFromWKB(w.wkb), 4326) AS geom
    FROM unnest(CAST(:wkb AS bytea[])) WITH ORDINALITY w (wkb, n)) v
JOIN cameras c ON c.code = v.code
"""
ADD_PAIRS = """
INSERT INTO cell_views (area_id, camera_id, worked)
SELECT a.id, c.id, true FROM unnest(CAST(:cells AS bigint[]), CAST(:cameras AS bigint[])) p (cell, camera)
JOIN areas a ON a.code = 'K' || p.cell JOIN cameras c ON c.code = 'C' || p.camera
"""
ADD_FIGURES = """
INSERT INTO cell_coverage (area_id, path, area_m2, open_m2, seen_m2, seen_now_m2, cameras, cameras_now, computed_at,
    stale)
SELECT id, path, 1, 1, 1, 1, 1, 1, now(), false FROM areas WHERE level = 'cell'
"""
STATES = "UPDATE camera_state SET health = 'online', since = now(), valid_until = now() + interval '2 days'"


def seeing_lines(
    poses: Sequence[Pose],
    views: Sequence[shapely.Geometry],
    cells: Sequence[shapely.Polygon],
    found: Sequence[CellCoverage],
    *,
    crs: str,
) -> str:
    """Return the part of the report that is measured in a database."""
    with installation():
        fill(poses, to_lnglat(array_of(list(views)), crs=crs), to_lnglat(array_of(list(cells)), crs=crs), found)
        asked, soon = who_sees_ms(poses), soon_s()
        pairs = sum(len(one.cameras) for one in found)
    return f"""## Who sees this place, and what is seen now

In PostgreSQL with the same {len(poses):,} cameras and {len(cells):,} cells, {pairs:,} views into cells, all within
the scope of an account; {ASKED} places of each kind, one after another.

{table([["place", "p50 ms", "p95 ms", "cameras found, mean"], *asked])}

{table([["what", "seconds"], *soon])}
"""


@contextmanager
def installation() -> Iterator[None]:
    """Give an empty database of its own, and remove it afterwards."""
    home = Path(tempfile.mkdtemp(prefix="sharpeyes-bench-"))
    home.chmod(0o711)
    os.environ["SHARPEYES_HOME"] = str(home)
    settings.get.cache_clear()
    mine = cluster.of_home(home)
    cluster.start(mine)
    try:
        migrate.upgrade(db.engine())
        yield
    finally:
        db.engine("owner").dispose()
        cluster.stop(mine)
        shutil.rmtree(home)


def fill(poses: Sequence[Pose], views: Shapes, cells: Shapes, found: Sequence[CellCoverage]) -> None:
    """Insert cells, cameras at work, their views, and which view reaches into which cell."""
    with db.transaction() as session:
        session.execute(text(ADD_CELLS), {"wkb": shapely.to_wkb(cells).tolist()})
        session.execute(text("SELECT refresh_paths()"))
        for first in range(0, len(poses), _CHUNK):
            some = poses[first : first + _CHUNK]
            given = {
                "first": first,
                "lng": [one.lng for one in some],
                "lat": [one.lat for one in some],
                "bearing": [one.bearing_deg for one in some],
            }
            session.execute(text(ADD_CAMERAS), given)
            wkb = shapely.to_wkb(views[first : first + _CHUNK]).tolist()
            session.execute(text(ADD_VIEWS), {"first": first, "wkb": wkb})
        session.execute(text(STATES))
        pairs = [(cell + 1, camera + 1) for cell, one in enumerate(found) for camera in one.cameras]
        session.execute(text(ADD_PAIRS), {"cells": [one for one, _ in pairs], "cameras": [one for _, one in pairs]})
        session.execute(text(ADD_FIGURES))
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def who_sees_ms(poses: Sequence[Pose]) -> list[list[str]]:
    """Return rows of the table: kind of place, median and 95th percentile in ms, cameras found."""
    chance = np.random.default_rng(3)
    near = [poses[row] for row in chance.integers(0, len(poses), ASKED)]
    places: dict[str, Callable[[Pose], shapely.Geometry]] = {
        "point": lambda at: shapely.Point(at.lng + 0.0001, at.lat + 0.0001),
        "line of 60 m": lambda at: shapely.LineString([(at.lng, at.lat), (at.lng + 0.0006, at.lat)]),
        "square of 100 m": lambda at: shapely.box(at.lng - 0.0005, at.lat - 0.00045, at.lng + 0.0005, at.lat + 0.00045),
    }
    with db.transaction() as session:
        act_for_everything(session)
        return [[name, *_asked(session, [make(at) for at in near])] for name, make in places.items()]


def _asked(session: Session, places: Sequence[shapely.Geometry]) -> list[str]:
    took, count = [], 0
    coverage.who_sees(session, bytes(shapely.to_wkb(places[0])))
    for place in places:
        began = time.perf_counter()
        count += len(coverage.who_sees(session, bytes(shapely.to_wkb(place))))
        took.append(1000 * (time.perf_counter() - began))
    return [f"{np.percentile(took, 50):.1f}", f"{np.percentile(took, 95):.1f}", f"{count / len(places):.1f}"]


def act_for_everything(session: Session) -> None:
    """Go on with the rights of an account that may see all areas."""
    account = session.execute(
        text("INSERT INTO accounts (login, password_hash, roles) VALUES ('bench', 'x', '{viewer}') RETURNING id")
    ).scalar_one()
    session.execute(text("INSERT INTO account_grants (account_id) VALUES (:account)"), {"account": account})
    db.act_for(session, account)


def soon_s() -> list[list[str]]:
    """Return rows of the table: the search for changes nobody told of, and a lost camera until its cells are right."""
    rows = []
    with db.transaction() as session:
        began = time.perf_counter()
        coverage_upkeep.mark_changed_now(session)
        rows.append(
            ["search of all views for changes nobody told of (every 5 s)", f"{time.perf_counter() - began:.3f}"]
        )
    update_coverage()
    with db.transaction() as session:
        busiest = session.execute(
            text("SELECT camera_id FROM cell_views GROUP BY camera_id ORDER BY count(*) DESC, camera_id LIMIT 2")
        ).scalars()
        warm_up, camera = list(busiest)
    # A worker that has computed a cell before has its compiled parts loaded.
    lose(warm_up)
    told, whole = lose(camera)
    rows.append(["a camera is lost: told, its cells marked, the job asked for", f"{told:.3f}"])
    rows.append(["… until its cells are computed at every class and announced", f"{whole:.3f}"])
    return rows


def lose(camera: int) -> tuple[float, float]:
    """Say that a camera is lost, and return the seconds until that is told and until its cells are right."""
    began = time.perf_counter()
    with db.transaction() as session:
        session.execute(text("UPDATE camera_state SET health = 'offline' WHERE camera_id = :id"), {"id": camera})
        lost = Change(camera_id=camera, path="", health=Health.OFFLINE, fault=None, layer=None, since=datetime.now(UTC))
        health.tell(session, [lost])
    told = time.perf_counter() - began
    update_coverage()
    return told, time.perf_counter() - began
