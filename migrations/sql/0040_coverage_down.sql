DROP TRIGGER boundary_was_drawn ON area_versions;
DROP FUNCTION cell_with_new_boundary_is_stale();
DROP TRIGGER buildings_were_changed ON buildings;
DROP TRIGGER buildings_were_added ON buildings;
DROP FUNCTION views_near_buildings_are_stale();
DROP FUNCTION shows_now(text, timestamptz, text);
ALTER TABLE cell_coverage DROP COLUMN stale;
