# ruff: noqa: E501
"""A made-up county full of cameras for benchmarks of the wall; nothing in it is real."""

from sqlalchemy import text
from sqlalchemy.orm import Session

WEST, SOUTH, STEP = 118.10, 30.10, 0.02

AREAS = """
DO $$
DECLARE
    county bigint; town bigint; village bigint; cell bigint; t integer; v integer; c integer;
    x integer; y integer; box geometry; west float8 := 118.10; south float8 := 30.10; step float8 := 0.02;
    names text[] := ARRAY['云岭镇','石桥镇','东坪镇','白塔镇','柳溪镇','沙溪镇','湖滨镇','新桥镇','龙潭镇','古渡镇','青山镇','平安镇'];
BEGIN
    PERFORM setseed(0.5);
    INSERT INTO areas (code, level) VALUES ('990100000000', 'county') RETURNING id INTO county;
    INSERT INTO area_versions (area_id, name, boundary, during) VALUES (county, '示范县',
        ST_Multi(ST_MakeEnvelope(west, south, west + 20 * step, south + 12 * step, 4326)), '[2020-01-01,)');
    FOR t IN 0..11 LOOP
        INSERT INTO areas (code, level) VALUES ('9901001' || lpad(t::text, 5, '0'), 'town') RETURNING id INTO town;
        x := (t % 4) * 5; y := (t / 4) * 4;
        INSERT INTO area_versions (area_id, parent_id, name, boundary, during) VALUES (town, county, names[t + 1],
            ST_Multi(ST_MakeEnvelope(west + x * step, south + y * step, west + (x + 5) * step, south + (y + 4) * step,
            4326)), '[2020-01-01,)');
        FOR v IN 0..3 LOOP
            INSERT INTO areas (code, level) VALUES ('990102' || lpad((t * 4 + v)::text, 6, '0'), 'village')
                RETURNING id INTO village;
            INSERT INTO area_versions (area_id, parent_id, name, boundary, during) VALUES (village, town,
                left(names[t + 1], 2) || (v + 1) || '村', ST_Multi(ST_MakeEnvelope(west + x * step,
                south + (y + v) * step, west + (x + 5) * step, south + (y + v + 1) * step, 4326)), '[2020-01-01,)');
            FOR c IN 0..4 LOOP
                INSERT INTO areas (code, level) VALUES ('9901' || lpad((t * 20 + v * 5 + c)::text, 11, '0'), 'cell')
                    RETURNING id INTO cell;
                INSERT INTO area_versions (area_id, parent_id, name, boundary, during) VALUES (cell, village,
                    '第' || (v * 5 + c + 1) || '网格', ST_Multi(ST_MakeEnvelope(west + (x + c) * step,
                    south + (y + v) * step, west + (x + c + 1) * step, south + (y + v + 1) * step, 4326)),
                    '[2020-01-01,)');
            END LOOP;
        END LOOP;
    END LOOP;
    PERFORM refresh_paths();
END $$
"""

# Clustered around crossings, as cameras are.
CAMERAS = """
INSERT INTO cameras (code, name, rtsp_url, area_id, path, geom, bearing_deg, hfov_deg, ptz_type, record_state, address)
SELECT '9901000000132' || lpad(n::text, 7, '0'), v.name || ' ' || (n % 97 + 1) || ' 号点', 'rtsp://127.0.0.1/' || n, a.id, a.path,
    ST_SetSRID(ST_MakePoint(p.lng, p.lat), 4326), floor(random() * 360), 70, 1 + n % 4,
    CASE WHEN n % 103 = 0 THEN 'repair' ELSE 'in_use' END, v.name
FROM (
    SELECT n, least(greatest(:west + (floor(random() * 100) + 0.5 + (random() + random() - 1) * 0.9) * 0.004, :west + 1e-6),
            :west + 0.4 - 1e-6) AS lng,
        least(greatest(:south + (floor(random() * 60) + 0.5 + (random() + random() - 1) * 0.9) * 0.004, :south + 1e-6),
            :south + 0.24 - 1e-6) AS lat
    FROM generate_series(1, :cameras) n) p
JOIN LATERAL (SELECT floor((p.lng - :west) / 0.02)::integer AS i, floor((p.lat - :south) / 0.02)::integer AS j) g ON true
JOIN areas a ON a.code = '9901' || lpad((((g.j / 4) * 4 + g.i / 5) * 20 + (g.j % 4) * 5 + g.i % 5)::text, 11, '0')
JOIN area_versions v ON v.area_id = a.id
"""

STATES = """
UPDATE camera_state SET checked_at = now() - random() * interval '50 s', valid_until = now() + interval '1 day',
    health = CASE WHEN camera_id % 41 = 0 THEN 'degraded' WHEN camera_id % 67 = 0 THEN 'offline'
        WHEN camera_id % 131 = 0 THEN 'unknown' ELSE 'online' END,
    fault = CASE WHEN camera_id % 41 = 0 THEN (ARRAY['covered','blurred','auth_refused','clock_wrong','too_dark'])
            [camera_id % 5 + 1] WHEN camera_id % 67 = 0 THEN (ARRAY['timeout','refused','no_route'])[camera_id % 3 + 1] END,
    layer = CASE WHEN camera_id % 41 = 0 THEN 'picture' WHEN camera_id % 67 = 0 THEN 'tcp' END,
    since = now() - random() * random() * interval '2 days'
"""


def fill(session: Session, *, cameras: int) -> None:
    """Make the county and `cameras` cameras in it, each with a health; the caller commits."""
    session.connection().exec_driver_sql(AREAS.replace("%", "%%"))
    session.execute(text("SELECT setseed(0.25)"))
    session.execute(text(CAMERAS), {"west": WEST, "south": SOUTH, "cameras": cameras})
    session.execute(text(STATES))


def roads(session: Session, *, lines: int = 1_200) -> None:
    """Draw winding roads through the county."""
    session.execute(
        text(
            "INSERT INTO roads (code, name, kind, geom, paths)"
            " SELECT 'R' || n, '村道 ' || n, CASE WHEN n % 60 = 0 THEN 'primary' WHEN n % 12 = 0 THEN 'tertiary'"
            " ELSE 'residential' END,"
            " (SELECT ST_SetSRID(ST_MakeLine(ST_MakePoint("
            "   CASE WHEN n % 2 = 0 THEN :west + k * 0.02 * w ELSE x + (random() - 0.5) * 0.004 END,"
            "   CASE WHEN n % 2 = 0 THEN y + (random() - 0.5) * 0.004 ELSE :south + k * 0.012 * w END) ORDER BY k), 4326)"
            "  FROM generate_series(s, s + l) k),"
            " (SELECT array_agg(path) FROM areas WHERE level = 'county')"
            " FROM (SELECT n, :west + random() * 0.4 AS x, :south + random() * 0.24 AS y, 1.0 AS w,"
            "  CASE WHEN n % 60 = 0 THEN 0 ELSE floor(random() * 18)::integer END AS s,"
            "  CASE WHEN n % 60 = 0 THEN 20 ELSE 2 END AS l FROM generate_series(1, :lines) n) t"
        ),
        {"west": WEST, "south": SOUTH, "lines": lines},
    )
