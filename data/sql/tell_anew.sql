-- Put the pieces of a closed stretch in its place; area and path stay those of its time.
WITH gone AS (
    DELETE FROM health_intervals
    WHERE camera_id = :id AND lower(during) = :since AND upper(during) = :until
    RETURNING camera_id, area_id, path
)
INSERT INTO health_intervals (camera_id, area_id, path, health, fault, layer, during)
SELECT g.camera_id, g.area_id, g.path, r.health, r.fault, r.layer, tstzrange(r.since, r.until)
FROM gone g CROSS JOIN jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
    health text, fault text, layer text, since timestamptz, until timestamptz)
