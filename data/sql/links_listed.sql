-- Links with what they hang on, what stands behind them, and how many cameras that is, those of links below included.
WITH direct AS (
    SELECT link_id, count(*) AS cameras FROM links_of_cameras() GROUP BY link_id
)
SELECT l.id, l.name, l.note, p.name AS parent,
    (SELECT coalesce(sum(d.cameras), 0) FROM links_under(l.id) u JOIN direct d ON d.link_id = u)::integer AS cameras,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'area', v.name, 'recorder', e.recorder) ORDER BY e.id), '[]')
     FROM link_ends e LEFT JOIN area_versions v ON v.area_id = e.area_id AND upper_inf(v.during)
     WHERE e.link_id = l.id) AS ends,
    (SELECT count(*) FROM outages o WHERE o.cause_kind = 'link' AND o.cause_key = l.id::text AND o.merged_into IS NULL)
        ::integer AS outages
FROM links l LEFT JOIN links p ON p.id = l.parent_id
ORDER BY coalesce(p.name, l.name), p.name IS NOT NULL, l.name
