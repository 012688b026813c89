INSERT INTO observations (camera_id, path, at, facts)
SELECT camera_id, path::ltree, at, facts
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(camera_id bigint, path text, at timestamptz, facts jsonb)
ON CONFLICT DO NOTHING
