-- What is seen now is told only while every camera that was counted for it still shows a picture.
SELECT a.code, v.name, area_crumbs(a.id) AS crumbs, k.area_m2, k.open_m2, k.seen_m2, now.seen_m2 AS seen_now_m2,
    k.cameras, now.cameras AS cameras_now, k.flags, k.computed_at, k.stale OR old.id IS NOT NULL AS stale,
    k.seen_m2 / nullif(k.area_m2, 0) AS share, now.seen_m2 / nullif(k.area_m2, 0) AS share_now,
    ST_XMin(v.boundary) AS west, ST_YMin(v.boundary) AS south, ST_XMax(v.boundary) AS east,
    ST_YMax(v.boundary) AS north, CASE WHEN CAST(:with_gaps AS boolean) THEN ST_AsGeoJSON(k.gaps, 15) END AS gaps
FROM cell_coverage k
JOIN areas a ON a.id = k.area_id AND NOT a.retired
JOIN area_versions v ON v.area_id = a.id AND upper_inf(v.during)
LEFT JOIN cells_seen_less() AS old (id) ON old.id = k.area_id
CROSS JOIN LATERAL (
    SELECT CASE WHEN old.id IS NULL THEN k.seen_now_m2 END AS seen_m2,
        CASE WHEN old.id IS NULL THEN k.cameras_now END AS cameras
) now
WHERE (CAST(:code AS text) IS NULL OR a.code = :code)
    AND (CAST(:within AS text) IS NULL OR a.path <@ (SELECT path FROM areas WHERE code = CAST(:within AS text)))
    AND (CAST(:like AS text) = '' OR v.name ILIKE :like OR a.code ILIKE :like)
ORDER BY CASE CAST(:order AS text) WHEN 'name' THEN v.name WHEN 'code' THEN a.code END,
    CAST(:turn AS integer) * CASE CAST(:order AS text)
        WHEN 'area' THEN k.area_m2 WHEN 'open' THEN k.open_m2 - k.seen_m2 WHEN 'cameras' THEN k.cameras
        WHEN 'now' THEN now.seen_m2 / nullif(k.area_m2, 0) WHEN 'share' THEN k.seen_m2 / nullif(k.area_m2, 0) END,
    a.code
LIMIT :most OFFSET :skip
