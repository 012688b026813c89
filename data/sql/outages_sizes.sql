-- How many cameras of which something is known hang at each place of the network.
SELECT c.path::text AS path, c.recorder, l.link_id, regexp_replace(c.ipv4, '[.][0-9]+$', '.0') AS ipv4, count(*) AS cameras
FROM camera_state s JOIN cameras c ON c.id = s.camera_id
LEFT JOIN links_of_cameras() l ON l.camera_id = c.id
WHERE c.record_state = 'in_use' AND s.valid_until > :now AND (s.health <> 'unknown' OR s.waiting_health IS NOT NULL)
    AND c.id NOT IN (
        SELECT camera_id FROM maintenance_within(:now, CAST(:now AS timestamptz) + interval '1 microsecond', '{""}'))
GROUP BY 1, 2, 3, 4
