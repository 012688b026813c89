SELECT a.code, v.name, k.area_m2, k.open_m2, k.seen_m2, k.seen_now_m2, k.cameras, k.cameras_now, k.flags,
    k.computed_at, k.seen_m2 / nullif(k.area_m2, 0) AS share, k.seen_now_m2 / nullif(k.area_m2, 0) AS share_now
FROM cell_coverage k
JOIN areas a ON a.id = k.area_id
JOIN area_versions v ON v.area_id = a.id AND upper_inf(v.during)
ORDER BY share, a.code
