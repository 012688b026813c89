-- Windows of which a turn began or ended in (since, until]; a turn is looked for from a little before that on.
SELECT DISTINCT w.id, w.path::text AS path
FROM maintenance_turns(CAST(:since AS timestamptz) - interval '1 second', CAST(:until AS timestamptz) + interval '1 second') t
JOIN maintenance_windows w ON w.id = t.window_id
WHERE (lower(t.during) > :since AND lower(t.during) <= :until) OR (upper(t.during) > :since AND upper(t.during) <= :until)
