SELECT a.code, v.name, k.area_m2, k.open_m2, k.seen_m2, k.seen_now_m2, k.cameras, k.cameras_now, k.flags,
    k.computed_at, k.stale, k.seen_m2 / nullif(k.area_m2, 0) AS share, k.seen_now_m2 / nullif(k.area_m2, 0) AS share_now,
    ST_AsGeoJSON(k.gaps, 15) AS gaps
FROM cell_coverage k
JOIN areas a ON a.id = k.area_id
JOIN area_versions v ON v.area_id = a.id AND upper_inf(v.during)
WHERE a.code = :code
