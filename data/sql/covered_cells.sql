-- What is seen now is told only while the job that computes it is alive and every camera that was counted for it still
-- shows a picture.
SELECT a.code, v.name, area_crumbs(a.id) AS crumbs, CAST(:density AS double precision) AS px_per_m, k.area_m2, k.open_m2,
    s.seen_m2, now.seen_m2 AS seen_now_m2, s.seen_m2 - now.seen_m2 AS lost_now_m2, s.seen_by_2_m2, s.least_m2, s.most_m2,
    s.sectors_m2, s.worst_m2, w.code AS worst_code, w.name AS worst_name,
    s.roads_m, s.roads_seen_m, now.roads_m AS roads_now_m, s.crossings, s.crossings_seen, now.crossings AS crossings_now,
    s.buildings, s.buildings_seen, now.buildings AS buildings_now, s.places, s.places_seen, now.places AS places_now,
    told.incidents, told.seen AS incidents_seen, CASE WHEN now.is_known THEN told.seen_now END AS incidents_now,
    k.cameras, now.cameras AS cameras_now, k.cameras_unknown, k.flags, k.computed_at, k.stale OR NOT now.is_known AS stale,
    s.seen_m2 / nullif(k.area_m2, 0) AS share, now.seen_m2 / nullif(k.area_m2, 0) AS share_now,
    s.least_m2 / nullif(k.area_m2, 0) AS share_low, s.most_m2 / nullif(k.area_m2, 0) AS share_high,
    s.sectors_m2 / nullif(k.area_m2, 0) AS share_sectors,
    ST_XMin(v.boundary) AS west, ST_YMin(v.boundary) AS south, ST_XMax(v.boundary) AS east,
    ST_YMax(v.boundary) AS north, CASE WHEN CAST(:with_gaps AS boolean) THEN
        ST_AsGeoJSON(CASE WHEN CAST(:planned AS boolean) THEN s.gaps ELSE s.gaps_now END, 15) END AS gaps
FROM cell_coverage k
JOIN areas a ON a.id = k.area_id AND NOT a.retired
JOIN area_versions v ON v.area_id = a.id AND upper_inf(v.during)
JOIN cell_shares s ON s.area_id = k.area_id AND s.px_per_m = :density
LEFT JOIN told_incidents(:least_told) told ON told.area_id = k.area_id AND told.px_per_m = s.px_per_m
LEFT JOIN cameras w ON w.id = s.worst_camera_id
LEFT JOIN cells_seen_less() AS old (id) ON old.id = k.area_id
CROSS JOIN LATERAL (SELECT coverage_is_kept() AND old.id IS NULL AS is_known) known
CROSS JOIN LATERAL (
    SELECT known.is_known, CASE WHEN known.is_known THEN s.seen_now_m2 END AS seen_m2,
        CASE WHEN known.is_known THEN k.cameras_now END AS cameras,
        CASE WHEN known.is_known THEN s.roads_now_m END AS roads_m,
        CASE WHEN known.is_known THEN s.crossings_now END AS crossings,
        CASE WHEN known.is_known THEN s.buildings_now END AS buildings,
        CASE WHEN known.is_known THEN s.places_now END AS places
) now
WHERE (CAST(:code AS text) IS NULL OR a.code = :code)
    AND (CAST(:within AS text) IS NULL OR a.path <@ (SELECT path FROM areas WHERE code = CAST(:within AS text)))
    AND (CAST(:like AS text) = '' OR v.name ILIKE :like OR a.code ILIKE :like)
ORDER BY CASE CAST(:order AS text) WHEN 'name' THEN v.name WHEN 'code' THEN a.code END,
    CAST(:turn AS integer) * CASE CAST(:order AS text)
        WHEN 'area' THEN k.area_m2 WHEN 'open' THEN k.open_m2 - s.seen_m2 WHEN 'cameras' THEN k.cameras
        WHEN 'now' THEN now.seen_m2 / nullif(k.area_m2, 0) WHEN 'share' THEN s.seen_m2 / nullif(k.area_m2, 0)
        WHEN 'places' THEN s.places - s.places_seen WHEN 'lost' THEN s.seen_m2 - now.seen_m2
        WHEN 'two' THEN s.seen_by_2_m2 / nullif(s.seen_m2, 0) WHEN 'worst' THEN s.worst_m2 / nullif(s.seen_m2, 0)
        WHEN 'roads' THEN s.roads_m - s.roads_seen_m END,
    a.code
LIMIT :most OFFSET :skip
