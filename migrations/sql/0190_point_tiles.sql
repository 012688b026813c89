-- Tiles of cameras and incidents, cut by spot; what a spot is, and what is counted, stands in 0190_spots.sql.
-- Where a column or row of zoom 28 lies on a tile of zoom z whose own column or row is `tile`, in 4096ths.
CREATE FUNCTION on_tile(place double precision, z integer, tile integer) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT least(greatest(floor((place / (1::bigint << (28 - z)) - tile) * 4096), 0), 4095)
$$;

-- The layer `clusters`: groups in squares of an eighth of a tile, each with its exact `count` and one count per health; a
-- group of one bears the number of its camera. Bits of a tile's stretch lie where the cameras of many blocks do, so the
-- blocks are read in their order.
CREATE FUNCTION tile_camera_groups(z integer, x integer, y integer) RETURNS TABLE (tile bytea, truncated boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET jit = off SET max_parallel_workers_per_gather = 0 SET enable_indexscan = off AS $$
DECLARE
    scope ltree[] := scope_paths();
    everything boolean := ''::ltree = ANY (scope);
    first bigint := square_at(x, y) << (2 * (28 - z));
    beyond bigint := (square_at(x, y) + 1) << (2 * (28 - z));
    -- Parts of a group (a quarter of its side), by which its middle is found.
    part integer := 2 * (23 - z);
    side double precision := 1::bigint << (23 - z);
    maintained bigint[];
BEGIN
    IF EXISTS (SELECT FROM maintenance_windows w WHERE w.starts_at <= now() AND (w.ended_at IS NULL OR w.ended_at > now())
            AND (w.repeats <> 'never' OR w.ends_at > now())) THEN
        maintained := ARRAY(SELECT m.camera_id FROM maintained_now() m);
    END IF;
    RETURN QUERY
    WITH states AS (
        SELECT s.spot >> part AS part_of, s.camera_id AS id,
            CASE WHEN s.in_repair OR s.camera_id = ANY (maintained) THEN 4
                ELSE shown_as('', s.health, s.valid_until) END AS shown
        FROM camera_state s
        WHERE s.spot >= first AND s.spot < beyond AND (everything OR s.path <@ ANY (scope))
    ), parts AS (
        SELECT t.part_of, t.shown, count(*) AS n, min(t.id) AS id FROM states t GROUP BY 1, 2
    ), groups AS (
        SELECT sum(p.n) AS all_of, min(p.id) AS id, sum(p.n) FILTER (WHERE p.shown = 0) AS online,
            sum(p.n) FILTER (WHERE p.shown = 1) AS degraded, sum(p.n) FILTER (WHERE p.shown = 2) AS offline,
            sum(p.n) FILTER (WHERE p.shown = 3) AS unknown, sum(p.n) FILTER (WHERE p.shown = 4) AS maintenance,
            sum(p.n * (gather_bits(p.part_of) + 0.5::double precision)) AS sum_x,
            sum(p.n * (gather_bits(p.part_of >> 1) + 0.5::double precision)) AS sum_y
        FROM parts p GROUP BY p.part_of >> 4
    ), drawn AS (
        SELECT CASE WHEN g.all_of = 1 THEN g.id END AS id, g.all_of::integer AS count,
            coalesce(g.online, 0)::integer AS online, coalesce(g.degraded, 0)::integer AS degraded,
            coalesce(g.offline, 0)::integer AS offline, coalesce(g.unknown, 0)::integer AS unknown,
            coalesce(g.maintenance, 0)::integer AS maintenance,
            ST_Point(on_tile(g.sum_x / g.all_of::double precision * side, z, tile_camera_groups.x),
                on_tile(g.sum_y / g.all_of::double precision * side, z, tile_camera_groups.y)) AS geom
        FROM groups g
    )
    SELECT ST_AsMVT(d, 'clusters', 4096, 'geom', 'id'), false FROM drawn d;
END $$;

-- The layer `cameras`: place, pose and kind; health travels apart, so these change with the record only.
CREATE FUNCTION tile_cameras_near(z integer, x integer, y integer) RETURNS TABLE (tile bytea, truncated boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    scope ltree[] := scope_paths();
    everything boolean := ''::ltree = ANY (scope);
    first bigint := square_at(x, y) << (2 * (28 - z));
    beyond bigint := (square_at(x, y) + 1) << (2 * (28 - z));
BEGIN
    RETURN QUERY
    WITH drawn AS (
        SELECT c.id, c.bearing_deg AS bearing, c.hfov_deg AS hfov, c.reach_m AS reach, c.ptz_type AS kind,
            ST_Point(on_tile(map_x(c.geom), z, tile_cameras_near.x), on_tile(map_y(c.geom), z, tile_cameras_near.y)) AS geom
        FROM camera_state s JOIN cameras c ON c.id = s.camera_id
        WHERE s.spot >= first AND s.spot < beyond AND (everything OR s.path <@ ANY (scope))
        ORDER BY s.spot, s.camera_id LIMIT 20001
    )
    SELECT ST_AsMVT(d, 'cameras', 4096, 'geom', 'id'), count(*) > 20000 FROM drawn d;
END $$;

CREATE FUNCTION tile_cameras(z integer, x integer, y integer) RETURNS TABLE (tile bytea, truncated boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF z < 14 THEN
        RETURN QUERY SELECT * FROM tile_camera_groups(z, x, y);
    ELSE
        RETURN QUERY SELECT * FROM tile_cameras_near(z, x, y);
    END IF;
END $$;

-- Groups of incidents, for those who may see each.
CREATE FUNCTION tile_incident_groups(z integer, x integer, y integer) RETURNS TABLE (tile bytea, truncated boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    scope ltree[] := scope_paths();
    everything boolean := ''::ltree = ANY (scope);
    kept integer := kept_zoom(z);
    finer integer := 2 * (kept_zoom(z) - z);
    first bigint := square_at(x, y) << finer;
    beyond bigint := (square_at(x, y) + 1) << finer;
BEGIN
    RETURN QUERY
    WITH groups AS (
        SELECT sum(s.events) AS events, sum(s.sum_x) AS sum_x, sum(s.sum_y) AS sum_y
        FROM incident_squares s
        WHERE s.zoom = kept AND s.square >= first AND s.square < beyond AND (everything OR s.path <@ ANY (scope))
        GROUP BY s.square >> (finer - 6) HAVING sum(s.events) > 0
    ), drawn AS (
        SELECT g.events::integer AS count,
            ST_Point(on_tile((g.sum_x / g.events)::double precision, z, tile_incident_groups.x),
                on_tile((g.sum_y / g.events)::double precision, z, tile_incident_groups.y)) AS geom
        FROM groups g
    )
    SELECT ST_AsMVT(d, 'clusters', 4096, 'geom'), false FROM drawn d;
END $$;

-- Incidents one by one, in the order of the index that holds all that is drawn, so that no row of the table is read.
CREATE FUNCTION tile_incidents_near(z integer, x integer, y integer) RETURNS TABLE (tile bytea, truncated boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    scope ltree[] := scope_paths();
    everything boolean := ''::ltree = ANY (scope);
    first bigint := square_at(x, y) << (2 * (28 - z));
    beyond bigint := (square_at(x, y) + 1) << (2 * (28 - z));
    left_x integer := x << (28 - z);
    top_y integer := y << (28 - z);
    px double precision := 4096.0 / (1::bigint << (28 - z));
BEGIN
    RETURN QUERY
    WITH drawn AS (
        SELECT i.id, i.kind, ST_Point(floor((i.map_x - left_x) * px), floor((i.map_y - top_y) * px)) AS geom
        FROM incidents i
        WHERE i.spot >= first AND i.spot < beyond AND (everything OR i.path <@ ANY (scope))
        ORDER BY i.spot, i.id LIMIT 100001
    )
    SELECT ST_AsMVT(d, 'incidents', 4096, 'geom', 'id'), count(*) > 100000 FROM drawn d;
END $$;

-- For everybody else: the count of every area that is told, at its middle; groups of such areas far out. That is the table
-- of cells that the same account can read, so no tile or difference of tiles tells more.
CREATE FUNCTION tile_told_incidents(z integer, x integer, y integer) RETURNS TABLE (tile bytea, truncated boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET jit = off SET max_parallel_workers_per_gather = 0 SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    scope ltree[] := scope_paths();
    box geometry := ST_TileEnvelope(z, x, y);
    width double precision := ST_XMax(ST_TileEnvelope(z, x, y)) - ST_XMin(ST_TileEnvelope(z, x, y));
BEGIN
    RETURN QUERY
    WITH told AS (
        SELECT s.path, sum(s.events) AS events FROM incident_squares s
        WHERE s.zoom = 0 AND s.square = 0 AND s.path <> '' AND s.path <@ ANY (scope)
        GROUP BY s.path HAVING sum(s.events) >= told_from()
    ), middles AS (
        SELECT a.id, t.events,
            ((ST_XMin(v.box_of) + ST_XMax(v.box_of)) / 2 - ST_XMin(box)) / width * 4096 AS x,
            (ST_YMax(box) - (ST_YMin(v.box_of) + ST_YMax(v.box_of)) / 2) / width * 4096 AS y
        FROM told t JOIN areas a ON a.path = t.path AND NOT a.retired
        CROSS JOIN LATERAL (SELECT box2d(w.boundary_3857) AS box_of FROM area_versions w
            WHERE w.area_id = a.id AND upper_inf(w.during) AND w.boundary_3857 && box) v
    ), inside AS (
        SELECT floor(m.x) AS x, floor(m.y) AS y, m.id, m.events FROM middles m
        WHERE m.x >= 0 AND m.x < 4096 AND m.y >= 0 AND m.y < 4096
    ), drawn AS (
        SELECT CASE WHEN count(*) = 1 THEN min(i.id) END AS id, sum(i.events)::integer AS count, count(*)::integer AS areas,
            ST_Point(floor(sum(i.x * i.events) / sum(i.events)), floor(sum(i.y * i.events) / sum(i.events))) AS geom
        FROM inside i GROUP BY CASE WHEN z >= 14 THEN i.id ELSE floor(i.x / 512) * 8 + floor(i.y / 512) END
    )
    SELECT (SELECT ST_AsMVT(d, 'told', 4096, 'geom', 'id') FROM drawn d), false;
END $$;
REVOKE ALL ON FUNCTION tile_incident_groups(integer, integer, integer), tile_incidents_near(integer, integer, integer),
    tile_told_incidents(integer, integer, integer) FROM PUBLIC;

CREATE FUNCTION tile_incidents(z integer, x integer, y integer) RETURNS TABLE (tile bytea, truncated boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT sees_each_incident() THEN
        RETURN QUERY SELECT * FROM tile_told_incidents(z, x, y);
    ELSIF z >= 14 THEN
        RETURN QUERY SELECT * FROM tile_incidents_near(z, x, y);
    ELSE
        RETURN QUERY SELECT * FROM tile_incident_groups(z, x, y);
    END IF;
END $$;

-- The parts of a tile one after the other, which is how layers of a tile are joined.
CREATE FUNCTION tile_of(parts text[], z integer, x integer, y integer) RETURNS TABLE (tile bytea, truncated boolean)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
    part text;
    body bytea;
    cut boolean;
BEGIN
    tile := '';
    truncated := false;
    FOREACH part IN ARRAY parts LOOP
        EXECUTE format('SELECT t.tile, t.truncated FROM %I($1, $2, $3) t', 'tile_' || part) INTO body, cut USING z, x, y;
        tile := tile || coalesce(body, '');
        truncated := truncated OR coalesce(cut, false);
    END LOOP;
    RETURN NEXT;
END $$;

-- The same for whoever presents a token, and who that is with the stamp of some layers: each in one statement, since a map
-- asks twenty times at once and every further way to the database and back costs as much as a small tile.
CREATE FUNCTION tile_for(token text, parts text[], z integer, x integer, y integer)
RETURNS TABLE (tile bytea, truncated boolean)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM set_config('sharpeyes.token', token, true);
    RETURN QUERY SELECT * FROM tile_of(parts, z, x, y);
END $$;

CREATE FUNCTION asks_for_tiles(token text, layers text[])
RETURNS TABLE (id bigint, login text, title text, roles text[], language text, must_change_password boolean, choices jsonb,
    paths text[], stamp text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    account bigint;
BEGIN
    PERFORM set_config('sharpeyes.token', token, true);
    account := scope_account();
    RETURN QUERY
    SELECT a.id, a.login, a.title, a.roles, a.language, a.must_change_password, a.choices, scope_paths()::text[],
        tile_stamp(layers)
    FROM accounts a WHERE a.id = account;
END $$;
