-- Key places of the cells asked for, and which of them are seen; the unseen first.
SELECT p.code, p.name, p.kind, ST_X(p.geom) AS lng, ST_Y(p.geom) AS lat, v.name AS cell, a.code AS cell_code,
    p.id <> ALL (s.unseen_places) AS seen,
    CASE WHEN coverage_is_kept() AND old.id IS NULL THEN p.id <> ALL (s.unseen_places_now) END AS seen_now
FROM places p
JOIN cell_shares s ON s.area_id = p.area_id AND s.px_per_m = :density
JOIN cell_coverage k ON k.area_id = s.area_id
JOIN areas a ON a.id = k.area_id AND NOT a.retired
JOIN area_versions v ON v.area_id = a.id AND upper_inf(v.during)
LEFT JOIN cells_seen_less() AS old (id) ON old.id = k.area_id
WHERE is_key_place(p.kind) AND p.geom IS NOT NULL
    AND (CAST(:within AS text) IS NULL OR a.path <@ (SELECT path FROM areas WHERE code = CAST(:within AS text)))
    AND (CAST(:like AS text) = '' OR v.name ILIKE :like OR a.code ILIKE :like)
ORDER BY seen, seen_now, p.kind, p.code
