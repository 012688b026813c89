-- Cameras and incidents as vector tiles: one by one near, far out in groups with exact counts inside the scope.
--
-- A spot is a place on the Web Mercator square as one number: the bits of column and row at zoom 28 (15 cm) by turns.
-- So a tile of any zoom is one stretch of spots, and the square of a coarser zoom is the spot without its last bits.
CREATE FUNCTION spread_bits(v bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    v := (v | (v << 16)) & 281470681808895;
    v := (v | (v << 8)) & 71777214294589695;
    v := (v | (v << 4)) & 1085102592571150095;
    v := (v | (v << 2)) & 3689348814741910323;
    RETURN (v | (v << 1)) & 6148914691236517205;
END $$;

CREATE FUNCTION gather_bits(v bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    v := v & 6148914691236517205;
    v := (v | (v >> 1)) & 3689348814741910323;
    v := (v | (v >> 2)) & 1085102592571150095;
    v := (v | (v >> 4)) & 71777214294589695;
    v := (v | (v >> 8)) & 281470681808895;
    RETURN (v | (v >> 16)) & 4294967295;
END $$;

-- The number of a tile or square of the grid at its own zoom.
CREATE FUNCTION square_at(x bigint, y bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = public, pg_temp AS $$
    SELECT spread_bits(x) | (spread_bits(y) << 1)
$$;

-- Where a place lies on the map: column and row of zoom 28; what is beyond the edges of the map, at its edge. These are
-- used by stored columns, which are computed anew where a backup is restored and no search path is set.
CREATE FUNCTION map_x(place geometry) RETURNS integer
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = public, pg_temp AS $$
BEGIN
    RETURN least(greatest(floor((ST_X(place) / 360 + 0.5) * 268435456), 0), 268435455)::integer;
END $$;

CREATE FUNCTION map_y(place geometry) RETURNS integer
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = public, pg_temp AS $$
DECLARE
    sine double precision := sin(radians(least(greatest(ST_Y(place), -85.0511), 85.0511)));
BEGIN
    RETURN least(greatest(floor((0.5 - ln((1 + sine) / (1 - sine)) / 12.566370614359172) * 268435456), 0), 268435455);
END $$;

CREATE FUNCTION spot_of(place geometry) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = public, pg_temp AS $$
BEGIN
    RETURN spread_bits(map_x(place)) | (spread_bits(map_y(place)) << 1);
END $$;

-- How often something changed that a tile depends on; see layer_changes.
CREATE FUNCTION count_layer_change(changed text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO layer_changes (layer) VALUES (changed);
    -- One word when the transaction ends, however many of its statements changed the layer.
    PERFORM pg_notify('layers', changed);
    IF random() < 0.02 THEN
        WITH held AS (SELECT id FROM layer_changes WHERE layer = changed FOR UPDATE SKIP LOCKED),
             folded AS (DELETE FROM layer_changes c USING held WHERE c.id = held.id RETURNING c.changes)
        INSERT INTO layer_changes (layer, changes) SELECT changed, sum(changes) FROM folded HAVING count(*) > 0;
    END IF;
END $$;
REVOKE ALL ON FUNCTION count_layer_change(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION layer_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM count_layer_change(TG_ARGV[0]);
    RETURN NULL;
END $$;

-- Groups of cameras count health. Its changes are told as events, so they count the version of the groups too.
CREATE FUNCTION health_was_told() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM told WHERE kind IN ('health', 'maintenance')) THEN
        PERFORM count_layer_change('health');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER health_was_told AFTER INSERT ON events
    REFERENCING NEW TABLE AS told FOR EACH STATEMENT EXECUTE FUNCTION health_was_told();

-- The questions of every request, whose plans are kept: as SQL functions they were planned anew each time they were asked,
-- which took longer than the answer.
CREATE OR REPLACE FUNCTION scope_account() RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT s.account_id
        FROM sign_ins s JOIN accounts a ON a.id = s.account_id
        WHERE s.token_hash = sha256(convert_to(current_setting('sharpeyes.token', true), 'UTF8'))
          AND s.expires_at > now() AND NOT a.disabled);
END $$;

CREATE OR REPLACE FUNCTION scope_paths() RETURNS ltree[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    account bigint := scope_account();
BEGIN
    RETURN (SELECT coalesce(array_agg(CASE WHEN g.area_id IS NULL THEN ''::ltree ELSE a.path END), '{}')
        FROM account_grants g LEFT JOIN areas a ON a.id = g.area_id
        WHERE g.account_id = account AND (g.area_id IS NULL OR a.path <> ''));
END $$;

-- Who may see single incidents and exact counts: those who bring them in. Others see what the table of cells tells.
CREATE FUNCTION sees_each_incident() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    account bigint := scope_account();
BEGIN
    RETURN coalesce((SELECT roles && '{editor,admin}' FROM accounts WHERE id = account), false);
END $$;
-- From how many incidents on a cell is told; LEAST of data/incidents.py.
CREATE FUNCTION told_from() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 5::bigint $$;

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

-- Cameras: where each stands on the map (NULL when it is not shown there), beside its health and no second table away.
-- No look changes it, so the rows of a look are still written without touching an index.
ALTER TABLE camera_state ADD COLUMN spot BIGINT, ADD COLUMN in_repair BOOLEAN DEFAULT false NOT NULL;

CREATE FUNCTION spot_on_map(place geometry, record_state text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN record_state IN ('in_use', 'repair') THEN spot_of(place) END
$$;

UPDATE camera_state s SET spot = spot_on_map(c.geom, c.record_state), in_repair = c.record_state = 'repair'
FROM cameras c WHERE c.id = s.camera_id;
CREATE INDEX ix_camera_state_spot ON camera_state (spot);

CREATE OR REPLACE FUNCTION camera_state_follows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO camera_state (camera_id, path, spot, in_repair)
        VALUES (NEW.id, NEW.path, spot_on_map(NEW.geom, NEW.record_state), NEW.record_state = 'repair');
    ELSE
        UPDATE camera_state SET path = NEW.path WHERE camera_id = NEW.id;
        UPDATE camera_views SET path = NEW.path WHERE camera_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION camera_spots_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE camera_state s SET spot = spot_on_map(n.geom, n.record_state), in_repair = n.record_state = 'repair'
    FROM changed n JOIN before o ON o.id = n.id
    WHERE s.camera_id = n.id AND (o.geom IS DISTINCT FROM n.geom OR o.record_state <> n.record_state);
    RETURN NULL;
END $$;
CREATE TRIGGER camera_spots_follow AFTER UPDATE ON cameras
    REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION camera_spots_follow();

-- Incidents: each knows its spot, and how many there are in each square and area is kept, so that no tile counts a million.
ALTER TABLE incidents ADD COLUMN spot BIGINT GENERATED ALWAYS AS (spot_of(geom)) STORED,
    ADD COLUMN map_x INTEGER GENERATED ALWAYS AS (map_x(geom)) STORED,
    ADD COLUMN map_y INTEGER GENERATED ALWAYS AS (map_y(geom)) STORED;
-- All that a tile near by draws, in the order in which it is cut off.
CREATE INDEX ix_incidents_spot ON incidents (spot, id) INCLUDE (path, kind, map_x, map_y);

-- `zoom` is the zoom of the square's grid, 0 the whole world; `sum_x` and `sum_y` of columns and rows at zoom 28 give the
-- middle. Several rows may speak of one square: their sums count.
CREATE TABLE incident_squares (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY,
    zoom INTEGER NOT NULL,
    square BIGINT NOT NULL,
    path LTREE NOT NULL,
    events BIGINT NOT NULL,
    sum_x BIGINT NOT NULL,
    sum_y BIGINT NOT NULL,
    CONSTRAINT pk_incident_squares PRIMARY KEY (id)
);
CREATE INDEX ix_incident_squares_zoom ON incident_squares (zoom, square);
ALTER TABLE incident_squares ENABLE ROW LEVEL SECURITY;
ALTER TABLE incident_squares FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_sees_all ON incident_squares TO CURRENT_USER USING (true) WITH CHECK (true);

-- Counts are kept at these zooms; a tile reads the first that is fine enough for its groups (three zooms nearer).
CREATE FUNCTION kept_zoom(z integer) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN z <= 8 THEN 11 WHEN z <= 11 THEN 14 ELSE 17 END $$;

-- What was added (1) or taken away (-1) by a statement, joined with the rows of its squares that nobody else holds: two
-- writers of one square never wait for each other, and rows stay few.
CREATE FUNCTION incidents_are_counted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    sign bigint := TG_ARGV[0];
BEGIN
    WITH finest AS (
        SELECT spot >> 22 AS square, path, count(*) AS events,
            sum(map_x) AS sum_x, sum(map_y) AS sum_y
        FROM changed WHERE spot IS NOT NULL GROUP BY 1, 2
    ), added AS MATERIALIZED (
        SELECT k.zoom, f.square >> (2 * (17 - k.zoom)) AS square, f.path, sign * sum(f.events) AS events,
            sign * sum(f.sum_x) AS sum_x, sign * sum(f.sum_y) AS sum_y
        FROM finest f, (VALUES (0), (11), (14), (17)) k (zoom) GROUP BY 1, 2, 3
    ), held AS MATERIALIZED (
        SELECT s.id FROM incident_squares s JOIN added a ON s.zoom = a.zoom AND s.square = a.square AND s.path = a.path
        FOR UPDATE OF s SKIP LOCKED
    ), joined AS (
        DELETE FROM incident_squares s USING held h WHERE s.id = h.id
        RETURNING s.zoom, s.square, s.path, s.events, s.sum_x, s.sum_y
    )
    INSERT INTO incident_squares (zoom, square, path, events, sum_x, sum_y)
    SELECT zoom, square, path, sum(events), sum(sum_x), sum(sum_y)
    FROM (SELECT * FROM added UNION ALL SELECT * FROM joined) both_of
    GROUP BY zoom, square, path HAVING (sum(events), sum(sum_x), sum(sum_y)) <> (0, 0, 0);
    RETURN NULL;
END $$;
CREATE TRIGGER added_are_counted AFTER INSERT ON incidents
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION incidents_are_counted('1');
CREATE TRIGGER changed_are_counted AFTER UPDATE ON incidents
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION incidents_are_counted('1');
CREATE TRIGGER former_are_counted AFTER UPDATE ON incidents
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION incidents_are_counted('-1');
CREATE TRIGGER removed_are_counted AFTER DELETE ON incidents
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION incidents_are_counted('-1');

CREATE FUNCTION no_incidents_are_left() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM incident_squares;
    RETURN NULL;
END $$;
CREATE TRIGGER all_are_removed AFTER TRUNCATE ON incidents
    FOR EACH STATEMENT EXECUTE FUNCTION no_incidents_are_left();

INSERT INTO incident_squares (zoom, square, path, events, sum_x, sum_y)
SELECT k.zoom, i.spot >> (2 * (28 - k.zoom)), i.path, count(*), sum(i.map_x), sum(i.map_y)
FROM incidents i, (VALUES (0), (11), (14), (17)) k (zoom) WHERE i.spot IS NOT NULL GROUP BY 1, 2, 3;

