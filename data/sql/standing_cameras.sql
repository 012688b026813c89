-- How cameras stand that somebody may have to be told of: those in trouble, and those of which something was told.
-- `held` are members of an open outage and those in maintenance; `left_at` is when an outage last let go of one.
WITH told AS (
    SELECT DISTINCT CAST(substr(matter, 8) AS bigint) AS camera_id
    FROM notice_lines WHERE NOT closed AND matter LIKE 'camera:%'
), maintained AS (
    SELECT DISTINCT camera_id
    FROM maintenance_within(:now, CAST(:now AS timestamptz) + interval '1 microsecond', ARRAY[''::ltree])
), standing AS (
    SELECT s.camera_id, s.path, CASE WHEN s.valid_until > :now THEN s.health ELSE 'unknown' END AS health,
        CASE WHEN s.valid_until > :now OR s.health = 'unknown' THEN s.since ELSE s.valid_until END AS since,
        s.unstable_since, t.camera_id IS NOT NULL AS was_told
    FROM camera_state s LEFT JOIN told t ON t.camera_id = s.camera_id
    WHERE s.checked_at IS NOT NULL AND (
        t.camera_id IS NOT NULL OR s.health <> 'online' OR s.unstable_since IS NOT NULL
        OR (:silence AND s.valid_until <= :now))
)
SELECT n.camera_id, n.path::text AS path, c.monitor_class, n.health, n.since, n.unstable_since,
    o.camera_id IS NOT NULL OR m.camera_id IS NOT NULL AS held,
    (SELECT max(past.until) FROM outage_members past WHERE past.camera_id = n.camera_id AND past.until > n.since)
        AS left_at
FROM standing n JOIN cameras c ON c.id = n.camera_id
LEFT JOIN outage_members o ON o.camera_id = n.camera_id AND o.until IS NULL
LEFT JOIN maintained m ON m.camera_id = n.camera_id
WHERE c.record_state = 'in_use'
    AND (n.was_told OR :silence OR n.health <> 'unknown' OR n.unstable_since IS NOT NULL)
ORDER BY n.path, n.camera_id
