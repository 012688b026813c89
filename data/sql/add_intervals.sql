INSERT INTO health_intervals (camera_id, area_id, path, health, fault, layer, during)
SELECT camera_id, area_id, path::ltree, health, fault, layer, tstzrange(since, until)
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
    camera_id bigint, area_id bigint, path text, health text, fault text, layer text,
    since timestamptz, until timestamptz)
