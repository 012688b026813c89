REVOKE USAGE ON SEQUENCE areas_id_seq FROM sharpeyes_web;
DROP FUNCTION place_again(geometry);
DROP FUNCTION place_roads_again(geometry);
DROP FUNCTION codes_elsewhere(text, text[]);
DELETE FROM stream_templates;
