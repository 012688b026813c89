-- Outages in a time, with how many devices were lost in which area; parts of wider ones are left out.
SELECT o.id, o.opened_at, o.closed_at, o.path::text AS path,
    coalesce((SELECT jsonb_object_agg(l.path, l.lost) FROM (
        SELECT m.path::text AS path, count(DISTINCT m.camera_id) AS lost
        FROM outage_members m WHERE m.outage_id = o.id GROUP BY m.path) l), '{}') AS lost,
    coalesce((SELECT array_agg(DISTINCT c.monitor_class) FILTER (WHERE c.monitor_class IS NOT NULL)
        FROM outage_members m JOIN cameras c ON c.id = m.camera_id WHERE m.outage_id = o.id), '{}') AS classes
FROM outages o
WHERE o.merged_into IS NULL AND o.opened_at < :until AND (o.closed_at IS NULL OR o.closed_at > :since)
