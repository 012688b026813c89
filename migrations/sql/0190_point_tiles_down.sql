DROP FUNCTION asks_for_tiles(text, text[]), tile_for(text, text[], integer, integer, integer),
    tile_of(text[], integer, integer, integer);
DROP FUNCTION tile_incidents(integer, integer, integer), tile_told_incidents(integer, integer, integer),
    tile_incidents_near(integer, integer, integer), tile_incident_groups(integer, integer, integer),
    tile_cameras(integer, integer, integer), tile_cameras_near(integer, integer, integer),
    tile_camera_groups(integer, integer, integer), on_tile(double precision, integer, integer), kept_zoom(integer);
DROP TRIGGER all_are_removed ON incidents;
DROP TRIGGER removed_are_counted ON incidents;
DROP TRIGGER former_are_counted ON incidents;
DROP TRIGGER changed_are_counted ON incidents;
DROP TRIGGER added_are_counted ON incidents;
DROP FUNCTION no_incidents_are_left(), incidents_are_counted();
DROP TABLE incident_squares;
DROP INDEX ix_incidents_spot;
ALTER TABLE incidents DROP COLUMN spot, DROP COLUMN map_x, DROP COLUMN map_y;
DROP TRIGGER camera_spots_follow ON cameras;
DROP FUNCTION camera_spots_follow();
CREATE OR REPLACE FUNCTION camera_state_follows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO camera_state (camera_id, path) VALUES (NEW.id, NEW.path);
    ELSE
        UPDATE camera_state SET path = NEW.path WHERE camera_id = NEW.id;
        UPDATE camera_views SET path = NEW.path WHERE camera_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
DROP INDEX ix_camera_state_spot;
ALTER TABLE camera_state DROP COLUMN spot, DROP COLUMN in_repair;
DROP FUNCTION spot_on_map(geometry, text), spot_of(geometry), map_x(geometry), map_y(geometry), square_at(bigint, bigint), gather_bits(bigint),
    spread_bits(bigint);
CREATE OR REPLACE FUNCTION scope_account() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.account_id
    FROM sign_ins s JOIN accounts a ON a.id = s.account_id
    WHERE s.token_hash = sha256(convert_to(current_setting('sharpeyes.token', true), 'UTF8'))
      AND s.expires_at > now() AND NOT a.disabled
$$;
CREATE OR REPLACE FUNCTION scope_paths() RETURNS ltree[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(CASE WHEN g.area_id IS NULL THEN ''::ltree ELSE a.path END), '{}')
    FROM account_grants g LEFT JOIN areas a ON a.id = g.area_id
    WHERE g.account_id = scope_account() AND (g.area_id IS NULL OR a.path <> '')
$$;
CREATE OR REPLACE FUNCTION tile_stamp(layers text[]) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT md5(concat_ws('|',
        (SELECT string_agg(p::text, ',' ORDER BY p) FROM unnest(scope_paths()) p),
        (SELECT string_agg(l || '=' || n, ',' ORDER BY l) FROM (
            SELECT layer AS l, sum(changes) AS n FROM layer_changes WHERE layer = ANY (layers) GROUP BY layer) v)))
$$;
DROP FUNCTION told_from(), sees_each_incident();
DROP TRIGGER health_was_told ON events;
DROP FUNCTION health_was_told();
DELETE FROM layer_changes WHERE layer = 'health';
CREATE OR REPLACE FUNCTION layer_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO layer_changes (layer) VALUES (TG_ARGV[0]);
    IF random() < 0.02 THEN
        WITH held AS (SELECT id FROM layer_changes WHERE layer = TG_ARGV[0] FOR UPDATE SKIP LOCKED),
             folded AS (DELETE FROM layer_changes c USING held WHERE c.id = held.id RETURNING c.changes)
        INSERT INTO layer_changes (layer, changes) SELECT TG_ARGV[0], sum(changes) FROM folded HAVING count(*) > 0;
    END IF;
    RETURN NULL;
END $$;
DROP FUNCTION count_layer_change(text);
