-- Let members go that are back, or of which nobody expects anything any more. Silence is not a return.
UPDATE outage_members m
SET until = greatest(m.since, CASE WHEN s.health IN ('online', 'degraded') THEN s.since ELSE CAST(:now AS timestamptz) END)
FROM camera_state s, cameras c
WHERE m.until IS NULL AND s.camera_id = m.camera_id AND c.id = m.camera_id
    AND ((s.health IN ('online', 'degraded') AND s.valid_until > :now) OR c.record_state <> 'in_use'
        OR c.id IN (
            SELECT camera_id FROM maintenance_within(:now, CAST(:now AS timestamptz) + interval '1 microsecond', '{""}')))
RETURNING m.outage_id
