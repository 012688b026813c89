-- End the open stretch of each camera in the batch where its health changed.
UPDATE health_intervals i
SET during = tstzrange(lower(i.during), r.until)
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(camera_id bigint, until timestamptz)
WHERE i.camera_id = r.camera_id AND upper_inf(i.during) AND lower(i.during) < r.until
