-- Cameras per town: all in use, and how many of them are not well now. Counted per area first, since a town has few.
WITH counted AS (
    SELECT c.area_id, count(*) AS in_use, count(*) FILTER (WHERE h.health = 'offline') AS offline,
        count(*) FILTER (WHERE h.health = 'degraded') AS degraded, count(*) FILTER (WHERE h.health = 'unknown') AS unknown
    FROM cameras c JOIN camera_state s ON s.camera_id = c.id
    CROSS JOIN LATERAL (SELECT health_now(s.health, s.valid_until) AS health) h
    WHERE c.record_state = 'in_use' AND c.id NOT IN (SELECT camera_id FROM maintained_now()) GROUP BY c.area_id
)
SELECT t.id, v.name, coalesce(sum(n.in_use), 0)::integer AS in_use, coalesce(sum(n.offline), 0)::integer AS offline,
    coalesce(sum(n.degraded), 0)::integer AS degraded, coalesce(sum(n.unknown), 0)::integer AS unknown
FROM areas t JOIN area_versions v ON v.area_id = t.id AND upper_inf(v.during)
LEFT JOIN areas a ON a.path <@ t.path
LEFT JOIN counted n ON n.area_id = a.id
WHERE t.level = 'town' AND NOT t.retired
GROUP BY t.id, v.id ORDER BY v.name, t.id
