CREATE OR REPLACE FUNCTION camera_health() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET jit = off SET max_parallel_workers_per_gather = 0 SET enable_mergejoin = off SET work_mem = '64MB' AS $$
DECLARE
    scope ltree[] := scope_paths();
BEGIN
    RETURN (
        SELECT format('{"id":[%s],"health":[%s]}', string_agg(c.id::text, ','), string_agg(c.health::text, ','))
        FROM (
            SELECT c.id, shown_as(c.record_state, s.health, s.valid_until) AS health
            FROM cameras c JOIN camera_state s ON s.camera_id = c.id
            WHERE c.path <@ ANY (scope) AND c.geom IS NOT NULL AND c.record_state IN ('in_use', 'repair')) c);
END $$;
DROP FUNCTION maintained_now();
DROP FUNCTION maintenance_in_scope(timestamptz, timestamptz);
DROP FUNCTION maintenance_within(timestamptz, timestamptz, ltree[]);
DROP FUNCTION maintenance_turns(timestamptz, timestamptz);
DROP TRIGGER areas_were_moved ON areas;
DROP FUNCTION areas_were_moved();
DROP FUNCTION refresh_links();
DROP FUNCTION path_around(ltree[]);
DROP FUNCTION links_under(bigint);
DROP FUNCTION links_of_cameras();
DROP TRIGGER link_is_named ON cameras;
DROP FUNCTION link_is_named();
DROP INDEX ix_cameras_recorder;
DROP INDEX ix_cameras_link;
ALTER TABLE cameras DROP COLUMN link;
ALTER TABLE camera_state DROP COLUMN turned_at;
ALTER TABLE camera_state DROP COLUMN turns;
ALTER TABLE camera_state DROP COLUMN unstable_since;
DROP TABLE probers, class_limits, maintenance_windows, outage_members, outages, link_ends, links;
