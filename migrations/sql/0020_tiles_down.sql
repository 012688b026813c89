DO $$
DECLARE
    watched text;
BEGIN
    FOREACH watched IN ARRAY ARRAY['areas', 'area_versions', 'buildings', 'roads', 'places', 'camera_views',
        'cell_coverage', 'cameras']
    LOOP
        EXECUTE format('DROP TRIGGER layer_changes ON %I', watched);
    END LOOP;
END $$;
DROP FUNCTION search_scope(text, integer), camera_health(), camera_points(), shown_as(text, text, timestamptz),
    towns_of_areas(ltree[]), tile_gaps(integer, integer, integer), tile_views(integer, integer, integer),
    tile_places(integer, integer, integer), tile_buildings(integer, integer, integer),
    tile_roads(integer, integer, integer), road_rank(text), tile_areas(integer, integer, integer), tile_tolerance(integer),
    tile_stamp(text[]), layer_changed();
DROP TABLE layer_changes;
