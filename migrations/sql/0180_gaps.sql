-- What cells lose and what matters in them, and who sees a place.

-- What is seen whatever the bearing, and for some bearing, within its doubt; NULL where they are the view itself.
ALTER TABLE camera_views ADD COLUMN lowest geometry(GEOMETRY, 4326);
ALTER TABLE camera_views ADD COLUMN highest geometry(GEOMETRY, 4326);
-- The box of everything the camera could see if nothing hid it: whose cells a change may touch.
ALTER TABLE camera_views ADD COLUMN reach_box geometry(GEOMETRY, 4326);
CREATE INDEX ix_camera_views_reach_box ON camera_views USING gist (reach_box);
-- All are computed again, with the new columns.
UPDATE camera_views SET camera_version = 0, reach_box = ST_Envelope(geom);

-- Cameras that reach into a cell and of which nothing is known now: they count as not seeing.
ALTER TABLE cell_coverage ADD COLUMN cameras_unknown INTEGER DEFAULT 0 NOT NULL;
UPDATE cell_coverage SET stale = true;

-- What is seen of a cell at each pixel density: by all in use, now, by two at least, at least and at most within the
-- doubt of bearings, what plain sectors would say, and what the failure of the worst single camera takes.
CREATE TABLE cell_shares (
    area_id BIGINT NOT NULL,
    px_per_m DOUBLE PRECISION NOT NULL,
    seen_m2 DOUBLE PRECISION NOT NULL,
    seen_now_m2 DOUBLE PRECISION NOT NULL,
    seen_by_2_m2 DOUBLE PRECISION NOT NULL,
    least_m2 DOUBLE PRECISION NOT NULL,
    most_m2 DOUBLE PRECISION NOT NULL,
    sectors_m2 DOUBLE PRECISION NOT NULL,
    worst_camera_id BIGINT,
    worst_m2 DOUBLE PRECISION NOT NULL,
    roads_m DOUBLE PRECISION NOT NULL,
    roads_seen_m DOUBLE PRECISION NOT NULL,
    roads_now_m DOUBLE PRECISION NOT NULL,
    crossings INTEGER NOT NULL,
    crossings_seen INTEGER NOT NULL,
    crossings_now INTEGER NOT NULL,
    buildings INTEGER NOT NULL,
    buildings_seen INTEGER NOT NULL,
    buildings_now INTEGER NOT NULL,
    places INTEGER NOT NULL,
    places_seen INTEGER NOT NULL,
    places_now INTEGER NOT NULL,
    incidents INTEGER NOT NULL,
    incidents_seen INTEGER NOT NULL,
    incidents_now INTEGER NOT NULL,
    unseen_places BIGINT[] DEFAULT '{}' NOT NULL,
    unseen_places_now BIGINT[] DEFAULT '{}' NOT NULL,
    gaps geometry(GEOMETRY, 4326),
    gaps_now geometry(GEOMETRY, 4326),
    CONSTRAINT pk_cell_shares PRIMARY KEY (area_id, px_per_m),
    CONSTRAINT fk_cell_shares_area_id FOREIGN KEY (area_id) REFERENCES areas (id) ON DELETE CASCADE,
    CONSTRAINT fk_cell_shares_worst_camera_id FOREIGN KEY (worst_camera_id) REFERENCES cameras (id) ON DELETE SET NULL
);
CREATE INDEX ix_cell_shares_worst_camera_id ON cell_shares (worst_camera_id);
ALTER TABLE cell_shares ENABLE ROW LEVEL SECURITY;
ALTER TABLE cell_shares FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_sees_all ON cell_shares TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY inside_scope ON cell_shares FOR SELECT TO sharpeyes_web USING (area_id IN (SELECT id FROM areas));
-- How many incidents are seen tells where they happened when they are few; that is told through told_shares() alone.
GRANT SELECT (area_id, px_per_m, seen_m2, seen_now_m2, seen_by_2_m2, least_m2, most_m2, sectors_m2, worst_camera_id,
    worst_m2, roads_m, roads_seen_m, roads_now_m, crossings, crossings_seen, crossings_now, buildings, buildings_seen,
    buildings_now, places, places_seen, places_now, unseen_places, unseen_places_now, gaps, gaps_now)
    ON cell_shares TO sharpeyes_web;

-- A key place is any place that matters, not what stands along a street: poles, lamps and crossings are places too.
CREATE FUNCTION is_key_place(kind text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT kind !~* '(^|[_ ])(lamp|light|pole|post|tree|crossing|intersection|junction|signal)s?($|[_ ])|street_?(lamp|light)|杆|路灯|路口|交叉口|信号灯'
$$;

-- The way on which a camera could see: no river, no rail.
CREATE FUNCTION is_way(kind text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT kind NOT IN ('river', 'stream', 'canal', 'drain', 'ditch', 'waterway', 'rail', 'railway', 'light_rail',
        'subway', 'tram', 'boundary')
$$;

-- Roads, places and incidents that come, change or go: the cells around them are counted again.
CREATE FUNCTION matters_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    -- Boxes of whole hundredths of a degree, so that a county of roads is few of them.
    around geometry[] := ARRAY(
        SELECT DISTINCT ST_MakeEnvelope(floor(ST_XMin(geom) * 100) / 100, floor(ST_YMin(geom) * 100) / 100,
            ceil(ST_XMax(geom) * 100) / 100, ceil(ST_YMax(geom) * 100) / 100, 4326)
        FROM changed WHERE geom IS NOT NULL);
BEGIN
    IF cardinality(around) > 0 THEN
        PERFORM pg_advisory_xact_lock(hashtext('ground'));
        UPDATE cell_coverage SET stale = true
        WHERE NOT stale AND area_id IN (
            SELECT v.area_id FROM unnest(around) box JOIN area_versions v ON v.boundary && box AND upper_inf(v.during));
    END IF;
    RETURN NULL;
END $$;
DO $$
DECLARE
    watched text;
BEGIN
    FOREACH watched IN ARRAY ARRAY['roads', 'places', 'incidents'] LOOP
        EXECUTE format('CREATE TRIGGER matters_came AFTER INSERT ON %I REFERENCING NEW TABLE AS changed'
            ' FOR EACH STATEMENT EXECUTE FUNCTION matters_changed()', watched);
        EXECUTE format('CREATE TRIGGER matters_became AFTER UPDATE ON %I REFERENCING NEW TABLE AS changed'
            ' FOR EACH STATEMENT EXECUTE FUNCTION matters_changed()', watched);
        EXECUTE format('CREATE TRIGGER matters_were AFTER UPDATE ON %I REFERENCING OLD TABLE AS changed'
            ' FOR EACH STATEMENT EXECUTE FUNCTION matters_changed()', watched);
        EXECUTE format('CREATE TRIGGER matters_went AFTER DELETE ON %I REFERENCING OLD TABLE AS changed'
            ' FOR EACH STATEMENT EXECUTE FUNCTION matters_changed()', watched);
    END LOOP;
END $$;

-- The job that keeps coverage says every few seconds that it is alive. When it is not, what is seen now is unknown.
CREATE FUNCTION coverage_is_kept() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce((SELECT (value ->> 'at')::timestamptz > now() - interval '30 seconds'
        FROM options WHERE name = 'coverage'), false)
$$;

-- How many incidents of a cell lie where cameras see: told only from `fewest` on either side, so that no few of them
-- can be looked for on the map.
CREATE FUNCTION told_incidents(fewest integer)
RETURNS TABLE (area_id bigint, px_per_m double precision, incidents integer, seen integer, seen_now integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS $$
DECLARE
    scope ltree[] := scope_paths();
BEGIN
    RETURN QUERY
    SELECT k.area_id, k.px_per_m, k.incidents,
        CASE WHEN k.incidents_seen >= fewest AND k.incidents - k.incidents_seen >= fewest THEN k.incidents_seen END,
        CASE WHEN k.incidents_now >= fewest AND k.incidents - k.incidents_now >= fewest
            AND (k.incidents_seen = k.incidents_now OR k.incidents_seen - k.incidents_now >= fewest)
            THEN k.incidents_now END
    FROM cell_shares k JOIN areas a ON a.id = k.area_id
    WHERE a.path <@ ANY (scope) AND k.incidents >= fewest;
END $$;

-- Cameras that see a point, a line or a surface, the best picture first: its pixels to a metre at the nearest part
-- that is seen, NULL where the camera's resolution is not known. `part` is how much of a line or a surface is seen.
CREATE FUNCTION who_sees(place geometry, only_working boolean, at_most integer)
RETURNS TABLE (id bigint, code text, name text, lng double precision, lat double precision,
    distance_m double precision, px_per_m double precision, part double precision, health text, layer text,
    works_now boolean, flags text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET jit = off SET max_parallel_workers_per_gather = 0 SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    scope ltree[] := scope_paths();
    dimension integer := ST_Dimension(place);
    whole double precision := CASE dimension WHEN 1 THEN ST_Length(place::geography) WHEN 2 THEN ST_Area(place) END;
BEGIN
    RETURN QUERY
    WITH reaching AS MATERIALIZED (
        SELECT v.camera_id, v.geom, v.flags FROM camera_views v WHERE ST_Intersects(v.geom, place)
    ), seeing AS (
        SELECT c.id, c.code, c.name, c.geom, c.width_px, radians(least(360, coalesce(c.hfov_deg, 90))) AS angle,
            CASE dimension WHEN 0 THEN place ELSE ST_Intersection(v.geom, place) END AS there, v.flags,
            health_now(s.health, s.valid_until) AS health, s.layer, shows_now(s.health, s.valid_until, s.layer) AS works
        FROM reaching v
        JOIN cameras c ON c.id = v.camera_id AND c.record_state = 'in_use' AND c.path <@ ANY (scope)
        JOIN camera_state s ON s.camera_id = v.camera_id
        WHERE NOT only_working OR shows_now(s.health, s.valid_until, s.layer)
    ), measured AS (
        SELECT s.*, ST_Distance(s.geom::geography, s.there::geography) AS away_m FROM seeing s
    )
    SELECT m.id, m.code, m.name, ST_X(m.geom), ST_Y(m.geom), m.away_m,
        -- Nearer than a metre nothing is gained; from half a turn on pixels are spread along the arc.
        m.width_px / (greatest(m.away_m, 1) * CASE WHEN m.angle < pi() THEN 2 * tan(m.angle / 2) ELSE m.angle END)
            AS density,
        CASE dimension WHEN 1 THEN ST_Length(m.there::geography) / nullif(whole, 0)
            WHEN 2 THEN ST_Area(m.there) / nullif(whole, 0) END,
        m.health, m.layer, m.works, m.flags
    FROM measured m
    ORDER BY density DESC NULLS LAST, m.away_m, m.id
    LIMIT at_most;
END $$;

-- Working cameras for a place: those whose view holds it, the best picture first, then those that stand within 150 m
-- and may look away.
CREATE OR REPLACE FUNCTION cameras_seeing(place geometry, at_most integer)
RETURNS TABLE (id bigint, code text, name text, sees boolean, distance_m double precision, health text, layer text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET jit = off SET max_parallel_workers_per_gather = 0 SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    scope ltree[] := scope_paths();
    found integer;
BEGIN
    RETURN QUERY
    SELECT w.id, w.code, w.name, true, w.distance_m, w.health, w.layer
    FROM who_sees(place, true, at_most) WITH ORDINALITY AS
        w (id, code, name, lng, lat, distance_m, px_per_m, part, health, layer, works_now, flags, n)
    ORDER BY w.n;
    GET DIAGNOSTICS found = ROW_COUNT;
    RETURN QUERY
    -- A box of at least 150 m up to 68° of latitude; the distance itself is compared below.
    WITH near AS MATERIALIZED (
        SELECT c.id FROM cameras c WHERE c.geom && ST_Expand(place, 0.004, 0.0015)
    ), measured AS (
        SELECT c.id, c.code, c.name, ST_Distance(c.geom::geography, place::geography) AS away_m,
            health_now(s.health, s.valid_until) AS health, s.layer
        FROM near n JOIN cameras c ON c.id = n.id JOIN camera_state s ON s.camera_id = c.id
        WHERE c.record_state = 'in_use' AND c.path <@ ANY (scope) AND shows_now(s.health, s.valid_until, s.layer)
            AND NOT EXISTS (SELECT FROM camera_views v WHERE v.camera_id = c.id AND ST_Intersects(v.geom, place))
    )
    SELECT m.id, m.code, m.name, false, m.away_m, m.health, m.layer
    FROM measured m
    WHERE m.away_m < 150
    ORDER BY m.away_m
    LIMIT at_most - found;
END $$;

-- What a cell is coloured by is what is seen now; nobody knows that while it waits to be computed, or when the job
-- that computes it is dead.
CREATE OR REPLACE FUNCTION tile_gaps(z integer, x integer, y integer) RETURNS TABLE (tile bytea, truncated boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET jit = off SET max_parallel_workers_per_gather = 0 SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    scope ltree[] := scope_paths();
    box geometry := ST_TileEnvelope(z, x, y);
    around geometry := ST_TileEnvelope(z, x, y, margin => 64.0 / 4096);
    kept_up boolean := coverage_is_kept();
BEGIN
    RETURN QUERY
    WITH found AS (
        SELECT c.area_id AS id, kept_up AND NOT c.stale AS known,
            round(100 * c.seen_now_m2 / nullif(c.open_m2, 0))::integer AS seen,
            v.boundary_3857 AS shape, c.gaps_3857 AS hole
        FROM area_versions v JOIN cell_coverage c ON c.area_id = v.area_id
        WHERE v.boundary_3857 && around AND upper_inf(v.during) AND c.path <@ ANY (scope)
        ORDER BY c.area_id LIMIT 2001
    ), kept AS (SELECT * FROM found LIMIT 2000), cells AS (
        SELECT k.id, CASE WHEN k.known THEN k.seen END AS seen,
            ST_AsMVTGeom(ST_Simplify(k.shape, tile_tolerance(z), true), box, 4096, 64) AS geom
        FROM kept k
    ), holes AS (
        SELECT k.id, ST_AsMVTGeom(ST_Simplify(k.hole, tile_tolerance(z)), box, 4096, 64) AS geom
        FROM kept k WHERE z >= 12 AND k.known AND k.hole && around
    )
    SELECT (SELECT ST_AsMVT(c, 'cells', 4096, 'geom', 'id') FROM cells c WHERE c.geom IS NOT NULL)
        || (SELECT ST_AsMVT(h, 'gaps', 4096, 'geom', 'id') FROM holes h WHERE h.geom IS NOT NULL),
        (SELECT count(*) > 2000 FROM found);
END $$;

-- Gaps look another way once nobody keeps them.
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
        CASE WHEN sees_each THEN 'each' END,
        CASE WHEN 'gaps' = ANY (layers) THEN coverage_is_kept()::text END)));
END $$;
