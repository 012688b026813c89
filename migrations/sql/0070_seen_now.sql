-- Which views a cell was computed from, and whether each camera showed a picture then. The share seen now holds only
-- as long as the cameras that made it still do; read against what they are worth at the moment, it is never overstated.
CREATE TABLE cell_views (
    area_id BIGINT NOT NULL,
    camera_id BIGINT NOT NULL,
    worked BOOLEAN NOT NULL,
    CONSTRAINT pk_cell_views PRIMARY KEY (area_id, camera_id),
    CONSTRAINT fk_cell_views_area_id FOREIGN KEY (area_id) REFERENCES areas (id) ON DELETE CASCADE,
    CONSTRAINT fk_cell_views_camera_id FOREIGN KEY (camera_id) REFERENCES cameras (id) ON DELETE CASCADE
);
CREATE INDEX ix_cell_views_camera_id ON cell_views (camera_id);
ALTER TABLE cell_views ENABLE ROW LEVEL SECURITY;
ALTER TABLE cell_views FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_sees_all ON cell_views TO CURRENT_USER USING (true) WITH CHECK (true);

-- The cells of which a camera that counted as working no longer shows a picture, whether or not a job noticed.
-- A camera may stand outside the scope and look into it, so this cannot be asked under row-level security.
CREATE FUNCTION cells_seen_less() RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS $$
DECLARE
    scope ltree[] := scope_paths();
BEGIN
    RETURN QUERY
    SELECT DISTINCT w.area_id
    FROM cell_views w
    JOIN camera_state s ON s.camera_id = w.camera_id
    JOIN areas a ON a.id = w.area_id
    WHERE w.worked AND NOT shows_now(s.health, s.valid_until, s.layer) AND a.path <@ ANY (scope);
END $$;

-- How far a camera could see, so that a building is known to matter to it.
ALTER TABLE camera_views ADD COLUMN reach_m DOUBLE PRECISION DEFAULT 0 NOT NULL;

DROP TRIGGER buildings_were_changed ON buildings;
DROP TRIGGER buildings_were_added ON buildings;
DROP FUNCTION views_near_buildings_are_stale();

-- New, changed and removed buildings hide other ground: views that could reach them and cells around them are
-- computed again. The lock makes a computation that began before see what it would otherwise have missed: either it
-- is committed and marked here, or it begins afterwards.
CREATE FUNCTION ground_was_built_on() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    -- A degree of longitude is at least 40 km up to 68° of latitude.
    reach_deg double precision := (SELECT coalesce(max(reach_m), 0) / 40000 FROM camera_views);
    -- Boxes of whole hundredths of a degree, so that a county of buildings is few of them.
    built geometry[] := ARRAY(
        SELECT DISTINCT ST_MakeEnvelope(floor(ST_XMin(geom) * 100) / 100, floor(ST_YMin(geom) * 100) / 100,
            ceil(ST_XMax(geom) * 100) / 100, ceil(ST_YMax(geom) * 100) / 100, 4326)
        FROM changed);
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('ground'));
    UPDATE camera_views SET camera_version = 0
    WHERE camera_version <> 0 AND camera_id IN (
        SELECT c.id FROM unnest(built) box JOIN cameras c ON c.geom && ST_Expand(box, reach_deg));
    UPDATE cell_coverage SET stale = true
    WHERE NOT stale AND area_id IN (
        SELECT v.area_id FROM unnest(built) box JOIN area_versions v ON v.boundary && box AND upper_inf(v.during));
    RETURN NULL;
END $$;
CREATE TRIGGER buildings_were_added AFTER INSERT ON buildings
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ground_was_built_on();
CREATE TRIGGER buildings_were_changed AFTER UPDATE ON buildings
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ground_was_built_on();
CREATE TRIGGER buildings_were_moved AFTER UPDATE ON buildings
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ground_was_built_on();
CREATE TRIGGER buildings_were_removed AFTER DELETE ON buildings
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ground_was_built_on();

CREATE OR REPLACE FUNCTION cell_with_new_boundary_is_stale() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.boundary IS NOT DISTINCT FROM OLD.boundary THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('ground'));
    UPDATE cell_coverage SET stale = true WHERE area_id = NEW.area_id;
    RETURN NULL;
END $$;
CREATE TRIGGER boundary_was_changed AFTER UPDATE OF boundary ON area_versions
    FOR EACH ROW EXECUTE FUNCTION cell_with_new_boundary_is_stale();

-- Working cameras for a place: those whose view holds it first, then those that stand within 150 m and may look away.
CREATE FUNCTION cameras_seeing(place geometry, at_most integer)
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

-- The name of the road nearest to a place, within about 200 m.
CREATE FUNCTION nearest_road(place geometry) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET jit = off SET max_parallel_workers_per_gather = 0 SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    scope ltree[] := scope_paths();
BEGIN
    RETURN (
        SELECT r.name FROM roads r
        WHERE r.geom && ST_Expand(place, 0.002) AND r.name <> '' AND r.paths <@ ANY (scope)
        ORDER BY ST_Distance(r.geom, place) LIMIT 1);
END $$;
