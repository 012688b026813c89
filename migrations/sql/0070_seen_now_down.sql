DROP FUNCTION nearest_road(geometry);
DROP FUNCTION cameras_seeing(geometry, integer);
DROP TRIGGER boundary_was_changed ON area_versions;
CREATE OR REPLACE FUNCTION cell_with_new_boundary_is_stale() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE cell_coverage SET stale = true WHERE area_id = NEW.area_id;
    RETURN NULL;
END $$;
DROP TRIGGER buildings_were_removed ON buildings;
DROP TRIGGER buildings_were_moved ON buildings;
DROP TRIGGER buildings_were_changed ON buildings;
DROP TRIGGER buildings_were_added ON buildings;
DROP FUNCTION ground_was_built_on();
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
ALTER TABLE camera_views DROP COLUMN reach_m;
DROP FUNCTION cells_seen_less();
DROP TABLE cell_views;
