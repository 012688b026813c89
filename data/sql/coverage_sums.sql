-- Sums over the same cells: of all of them, and of each town.
SELECT t.code, tv.name, count(*) AS cells, sum(k.area_m2) AS area_m2, sum(k.open_m2) AS open_m2,
    sum(k.seen_m2) AS seen_m2, CASE WHEN bool_and(old.id IS NULL) THEN sum(k.seen_now_m2) END AS seen_now_m2,
    GROUPING(t.code) = 1 AS is_all
FROM cell_coverage k
JOIN areas a ON a.id = k.area_id AND NOT a.retired
JOIN area_versions v ON v.area_id = a.id AND upper_inf(v.during)
LEFT JOIN cells_seen_less() AS old (id) ON old.id = k.area_id
LEFT JOIN areas t ON t.level = 'town' AND t.path @> a.path
LEFT JOIN area_versions tv ON tv.area_id = t.id AND upper_inf(tv.during)
WHERE (CAST(:within AS text) IS NULL OR a.path <@ (SELECT path FROM areas WHERE code = CAST(:within AS text)))
    AND (CAST(:like AS text) = '' OR v.name ILIKE :like OR a.code ILIKE :like)
GROUP BY GROUPING SETS ((), (t.code, tv.name))
ORDER BY is_all DESC, t.code
