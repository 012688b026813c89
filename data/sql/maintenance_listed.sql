-- Windows with what they are for and the turn that runs or comes next.
SELECT w.id, w.starts_at, w.ends_at, w.repeats, w.ended_at, w.reason, w.path::text AS path,
    CASE WHEN w.camera_id IS NOT NULL THEN 'camera' WHEN w.area_id IS NOT NULL THEN 'area' ELSE 'link' END AS kind,
    coalesce(c.name, v.name, l.name) AS name, c.code, lower(t.during) AS turn_starts_at, upper(t.during) AS turn_ends_at,
    coalesce(t.during @> CAST(:now AS timestamptz), false) AS runs,
    w.path <@ ANY ((SELECT scope_paths())::ltree[]) AS editable
FROM maintenance_windows w
LEFT JOIN cameras c ON c.id = w.camera_id
LEFT JOIN area_versions v ON v.area_id = w.area_id AND upper_inf(v.during)
LEFT JOIN links l ON l.id = w.link_id
LEFT JOIN LATERAL (
    -- From so long ago that a turn which runs is not cut.
    SELECT m.during FROM maintenance_turns(
        CAST(:now AS timestamptz) - interval '367 days', CAST(:now AS timestamptz) + interval '400 days') m
    WHERE m.window_id = w.id AND upper(m.during) > :now ORDER BY m.during LIMIT 1) t ON true
WHERE (t.during IS NULL) = :over
ORDER BY CASE WHEN :over THEN NULL ELSE lower(t.during) END, coalesce(w.ended_at, w.ends_at) DESC, w.id DESC
LIMIT :limit
