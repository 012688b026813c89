-- Every stretch of health in a time, of cameras that were in trouble long enough to be told of.
WITH troubled AS (
    SELECT DISTINCT camera_id FROM health_intervals
    WHERE during && tstzrange(:since, :until) AND health = ANY (:healths)
        AND least(coalesce(upper(during), CAST(:until AS timestamptz)), :until) - lower(during)
            >= :least_s * interval '1 second'
)
SELECT i.camera_id, lower(i.during) AS since, upper(i.during) AS until, i.health, i.path::text AS path, c.monitor_class
FROM health_intervals i JOIN troubled t ON t.camera_id = i.camera_id JOIN cameras c ON c.id = i.camera_id
WHERE i.during && tstzrange(:since, :until) AND c.record_state = 'in_use'
ORDER BY i.camera_id, lower(i.during)
LIMIT :most
