"""A million incidents of Toronto and the surveillance cameras of the world, in the tables of an installation."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sqlalchemy import text

from data import db

INCIDENTS = "incidents/toronto_mci.parquet"
CAMERAS = "cameras/osm_surveillance_world_2025-11.parquet"
# The source moves incidents to crossings, so copies are spread about them like houses about a crossing.
JITTER_M = 60.0
_DEGREE_M = 111_320.0
_CHUNK = 100_000

AREAS = """
DO $$
DECLARE
    city bigint; cell bigint; west float8; south float8;
BEGIN
    INSERT INTO areas (code, level) VALUES ('990200000000', 'city') RETURNING id INTO city;
    INSERT INTO area_versions (area_id, name, boundary, during) VALUES (city, 'Toronto',
        ST_Multi(ST_MakeEnvelope(-79.66, 43.56, -79.10, 43.88, 4326)), '[2020-01-01,)');
    FOR west, south IN SELECT -79.66 + 0.02 * i, 43.56 + 0.02 * j FROM generate_series(0, 27) i, generate_series(0, 15) j LOOP
        INSERT INTO areas (code, level) VALUES (format('cell %s %s', west, south), 'cell') RETURNING id INTO cell;
        INSERT INTO area_versions (area_id, parent_id, name, boundary, during) VALUES (cell, city, format('%s %s', west, south),
            ST_Multi(ST_MakeEnvelope(west, south, west + 0.02, south + 0.02, 4326)), '[2020-01-01,)');
    END LOOP;
    PERFORM refresh_paths();
END $$
"""  # noqa: E501
ADD_INCIDENTS = """
INSERT INTO incidents (code, kind, at, geom, area_id, path)
SELECT 'T' || (:first + n), p.kind, timestamptz '2024-01-01' + n * interval '1 s',
    ST_SetSRID(ST_MakePoint(p.lng, p.lat), 4326), a.id, coalesce(a.path, '')
FROM unnest(CAST(:lng AS float8[]), CAST(:lat AS float8[]), CAST(:kind AS text[])) WITH ORDINALITY p (lng, lat, kind, n)
LEFT JOIN areas a ON a.code = format('cell %s %s', -79.66 + 0.02 * floor((p.lng + 79.66) / 0.02)::integer,
    43.56 + 0.02 * floor((p.lat - 43.56) / 0.02)::integer)
"""
ADD_CAMERAS = """
INSERT INTO cameras (code, name, geom, bearing_deg, ptz_type)
SELECT 'O' || (:first + n), 'O' || (:first + n), ST_SetSRID(ST_MakePoint(p.lng, p.lat), 4326), p.bearing, p.kind
FROM unnest(CAST(:lng AS float8[]), CAST(:lat AS float8[]), CAST(:bearing AS float8[]), CAST(:kind AS integer[]))
    WITH ORDINALITY p (lng, lat, bearing, kind, n)
"""
# A few are not well, as in any county.
STATES = """
UPDATE camera_state SET checked_at = now(), valid_until = now() + interval '2 days', since = now(),
    health = CASE WHEN camera_id % 41 = 0 THEN 'degraded' WHEN camera_id % 67 = 0 THEN 'offline'
        WHEN camera_id % 131 = 0 THEN 'unknown' ELSE 'online' END
"""


# What a tile should hold, counted without any of what cuts tiles.
COUNT = """
SELECT count(*) FROM {layer} t, ST_TileEnvelope(:z, :x, :y) e
WHERE t.geom_3857 && e AND ST_X(t.geom_3857) >= ST_XMin(e) AND ST_X(t.geom_3857) < ST_XMax(e)
    AND ST_Y(t.geom_3857) > ST_YMin(e) AND ST_Y(t.geom_3857) <= ST_YMax(e)
"""


def fill(folder: Path, *, incidents: int, cameras: int) -> None:
    """Insert areas, incidents and cameras from the files in `folder`."""
    with db.transaction() as session:
        session.connection().exec_driver_sql(AREAS.replace("%", "%%"))
    lng, lat, kind = toronto(folder, incidents)
    for first in range(0, incidents, _CHUNK):
        part = slice(first, first + _CHUNK)
        given = {"first": first, "lng": lng[part].tolist(), "lat": lat[part].tolist(), "kind": kind[part].tolist()}
        with db.transaction() as session:
            session.execute(text(ADD_INCIDENTS), given)
    for chunk in world(folder, cameras):
        with db.transaction() as session:
            session.execute(text(ADD_CAMERAS), chunk)
    with db.transaction() as session:
        session.execute(text(STATES))
        # Our own tiles need none on this; the peer finds cameras by it.
        session.execute(text("CREATE INDEX cameras_geom_3857_of_peer ON cameras USING gist (geom_3857)"))


def toronto(folder: Path, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.str_]]:
    """Return lng, lat and kind of `count` incidents: those of the file as often as needed, copies moved a little."""
    table = pq.read_table(folder / INCIDENTS, columns=["lon", "lat", "category"])
    row = np.arange(count) % table.num_rows
    lng, lat = (table[name].to_numpy()[row] for name in ("lon", "lat"))
    kind = np.array(table["category"].to_pylist())[row]
    rng = np.random.default_rng(4)
    moved = np.where(np.arange(count) < table.num_rows, 0.0, JITTER_M / _DEGREE_M)
    lng = lng + rng.normal(0, 1, count) * moved / np.cos(np.radians(lat))
    return lng, lat + rng.normal(0, 1, count) * moved, kind


def world(folder: Path, count: int) -> list[dict[str, object]]:
    """Return the first `count` cameras of the file in random order, as parameters of ADD_CAMERAS."""
    table = pq.read_table(folder / CAMERAS, columns=["lon", "lat", "azimuth_deg", "camera_type"])
    rows = np.random.default_rng(5).permutation(table.num_rows)[:count]
    chunks: list[dict[str, object]] = []
    for first in range(0, len(rows), _CHUNK):
        part = table.take(rows[first : first + _CHUNK])
        bearings = [None if one is None or one != one else one % 360 for one in part["azimuth_deg"].to_pylist()]
        kinds = [{"dome": 1, "fixed": 3, "panning": 4}.get(one) for one in part["camera_type"].to_pylist()]
        chunks.append(
            {
                "first": first,
                "lng": part["lon"].to_pylist(),
                "lat": part["lat"].to_pylist(),
                "bearing": bearings,
                "kind": kinds,
            }
        )
    return chunks
