-- Coverage follows changes: cells are marked, and computed again by a job.
ALTER TABLE cell_coverage ADD COLUMN stale boolean NOT NULL DEFAULT true;

-- Whether a camera shows a good picture now: online, or at odds only over its clock or its ONVIF side.
CREATE FUNCTION shows_now(health text, valid_until timestamptz, layer text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(valid_until > now() AND (health = 'online' OR (health = 'degraded' AND layer IN ('clock', 'onvif'))),
        false)
$$;

-- New or changed buildings hide other ground: views near them are computed again.
CREATE FUNCTION views_near_buildings_are_stale() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE camera_views v SET camera_version = 0
    FROM (SELECT ST_SetSRID(ST_Extent(geom)::geometry, 4326) AS box FROM changed) around
    WHERE v.geom && ST_Expand(around.box, 0.01);
    RETURN NULL;
END $$;
CREATE TRIGGER buildings_were_added AFTER INSERT ON buildings
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION views_near_buildings_are_stale();
CREATE TRIGGER buildings_were_changed AFTER UPDATE ON buildings
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION views_near_buildings_are_stale();

CREATE FUNCTION cell_with_new_boundary_is_stale() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE cell_coverage SET stale = true WHERE area_id = NEW.area_id;
    RETURN NULL;
END $$;
CREATE TRIGGER boundary_was_drawn AFTER INSERT ON area_versions
    FOR EACH ROW EXECUTE FUNCTION cell_with_new_boundary_is_stale();
