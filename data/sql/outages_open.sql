-- Outages that still last, who is lost in them now, how many ever were, and when the last one came back.
SELECT o.id, o.cause_kind, o.cause_key, o.opened_at, o.members AS ever,
    coalesce(array_agg(m.camera_id) FILTER (WHERE m.until IS NULL AND m.camera_id IS NOT NULL), '{}') AS members,
    max(m.until) AS came_back_at
FROM outages o LEFT JOIN outage_members m ON m.outage_id = o.id
WHERE o.closed_at IS NULL AND o.cause_kind <> 'prober'
GROUP BY o.id
