-- Cameras that are offline or may be about to be, where each hangs, and the open outage it is in.
SELECT c.id, c.path::text AS path, c.recorder, c.ipv4, l.link_id, s.health = 'offline' AS confirmed,
    CASE WHEN s.health = 'offline' THEN s.since ELSE s.waiting_since END AS since, m.outage_id
FROM camera_state s JOIN cameras c ON c.id = s.camera_id
LEFT JOIN links_of_cameras() l ON l.camera_id = c.id
LEFT JOIN outage_members m ON m.camera_id = c.id AND m.until IS NULL
WHERE c.record_state = 'in_use' AND s.valid_until > :now AND (s.health = 'offline' OR s.waiting_health = 'offline')
    AND c.id NOT IN (
        SELECT camera_id FROM maintenance_within(:now, CAST(:now AS timestamptz) + interval '1 microsecond', '{""}'))
