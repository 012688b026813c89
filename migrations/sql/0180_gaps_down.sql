CREATE OR REPLACE FUNCTION tile_stamp(layers text[]) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    scope ltree[] := scope_paths();
    sees_each boolean := 'incidents' = ANY (layers) AND sees_each_incident();
BEGIN
    RETURN (SELECT md5(concat_ws('|',
        (SELECT string_agg(p::text, ',' ORDER BY p) FROM unnest(scope) p),
        (SELECT string_agg(l || '=' || n, ',' ORDER BY l) FROM (
            SELECT layer AS l, sum(changes) AS n FROM layer_changes WHERE layer = ANY (layers) GROUP BY layer) v),
        CASE WHEN sees_each THEN 'each' END)));
END $$;
CREATE OR REPLACE FUNCTION tile_gaps(z integer, x integer, y integer) RETURNS TABLE (tile bytea, truncated boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET jit = off SET max_parallel_workers_per_gather = 0 SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    scope ltree[] := scope_paths();
    box geometry := ST_TileEnvelope(z, x, y);
    around geometry := ST_TileEnvelope(z, x, y, margin => 64.0 / 4096);
BEGIN
    RETURN QUERY
    WITH found AS (
        SELECT c.area_id AS id, round(100 * c.seen_now_m2 / nullif(c.open_m2, 0))::integer AS seen,
            v.boundary_3857 AS shape, c.gaps_3857 AS hole
        FROM area_versions v JOIN cell_coverage c ON c.area_id = v.area_id
        WHERE v.boundary_3857 && around AND upper_inf(v.during) AND c.path <@ ANY (scope)
        ORDER BY c.area_id LIMIT 2001
    ), kept AS (SELECT * FROM found LIMIT 2000), cells AS (
        SELECT k.id, k.seen, ST_AsMVTGeom(ST_Simplify(k.shape, tile_tolerance(z), true), box, 4096, 64) AS geom
        FROM kept k
    ), holes AS (
        SELECT k.id, ST_AsMVTGeom(ST_Simplify(k.hole, tile_tolerance(z)), box, 4096, 64) AS geom
        FROM kept k WHERE z >= 12 AND k.hole && around
    )
    SELECT (SELECT ST_AsMVT(c, 'cells', 4096, 'geom', 'id') FROM cells c WHERE c.geom IS NOT NULL)
        || (SELECT ST_AsMVT(h, 'gaps', 4096, 'geom', 'id') FROM holes h WHERE h.geom IS NOT NULL),
        (SELECT count(*) > 2000 FROM found);
END $$;
-- Working cameras for a place: those whose view holds it first, then those that stand within 150 m and may look away.
CREATE OR REPLACE FUNCTION cameras_seeing(place geometry, at_most integer)
RETURNS TABLE (id bigint, code text, name text, sees boolean, distance_m double precision, health text, layer text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET jit = off SET max_parallel_workers_per_gather = 0 SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    scope ltree[] := scope_paths();
BEGIN
    RETURN QUERY
    WITH seeing AS (
        SELECT v.camera_id FROM camera_views v WHERE ST_Intersects(v.geom, place)
    ), near AS (
        SELECT s.camera_id, true AS sees FROM seeing s
        UNION ALL
        -- A box of at least 150 m up to 68° of latitude; the distance itself is compared below.
        SELECT c.id, false FROM cameras c
        WHERE c.geom && ST_Expand(place, 0.004, 0.0015) AND c.id NOT IN (SELECT camera_id FROM seeing)
    ), measured AS (
        SELECT n.camera_id, n.sees, ST_Distance(c.geom::geography, place::geography) AS away_m, c.code, c.name
        FROM near n JOIN cameras c ON c.id = n.camera_id
        WHERE c.record_state = 'in_use' AND c.path <@ ANY (scope)
    )
    SELECT m.camera_id, m.code, m.name, m.sees, m.away_m, health_now(s.health, s.valid_until), s.layer
    FROM measured m JOIN camera_state s ON s.camera_id = m.camera_id
    WHERE shows_now(s.health, s.valid_until, s.layer) AND (m.sees OR m.away_m < 150)
    ORDER BY m.sees DESC, m.away_m
    LIMIT at_most;
END $$;
DROP FUNCTION who_sees(geometry, boolean, integer);
DROP FUNCTION told_incidents(integer);
DROP FUNCTION coverage_is_kept();
DO $$
DECLARE
    watched text;
    name text;
BEGIN
    FOREACH watched IN ARRAY ARRAY['roads', 'places', 'incidents'] LOOP
        FOREACH name IN ARRAY ARRAY['matters_came', 'matters_became', 'matters_were', 'matters_went'] LOOP
            EXECUTE format('DROP TRIGGER %I ON %I', name, watched);
        END LOOP;
    END LOOP;
END $$;
DROP FUNCTION matters_changed();
DROP FUNCTION is_way(text);
DROP FUNCTION is_key_place(text);
DROP TABLE cell_shares;
ALTER TABLE cell_coverage DROP COLUMN cameras_unknown;
ALTER TABLE camera_views DROP COLUMN reach_box;
ALTER TABLE camera_views DROP COLUMN highest;
ALTER TABLE camera_views DROP COLUMN lowest;
