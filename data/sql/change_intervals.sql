-- Change the open stretch of each camera in the batch: end it, or leave it open under another word.
UPDATE health_intervals i
SET during = tstzrange(lower(i.during), r.until), health = r.health, fault = r.fault, layer = r.layer
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
    camera_id bigint, health text, fault text, layer text, until timestamptz)
WHERE i.camera_id = r.camera_id AND upper_inf(i.during)
