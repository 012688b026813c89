-- Stored facts of a period by camera and time, with the last facts before it, which held when it began.
SELECT o.camera_id, c.code, c.monitor_class, o.at, o.facts
FROM cameras c CROSS JOIN LATERAL (
    (SELECT camera_id, at, facts FROM observations
     WHERE camera_id = c.id AND at < :since ORDER BY at DESC LIMIT 1)
    UNION ALL
    (SELECT camera_id, at, facts FROM observations
     WHERE camera_id = c.id AND at >= :since AND at < :until)
) o
WHERE EXISTS (SELECT 1 FROM observations i WHERE i.camera_id = c.id AND i.at >= :since AND i.at < :until)
ORDER BY o.camera_id, o.at
