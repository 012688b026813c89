SELECT c.code, c.name, w.px_per_m, w.area_m2, w.sector_m2, w.area_m2 / nullif(w.sector_m2, 0) AS share, w.flags,
    w.computed_at, w.camera_version <> c.version AS stale, w.reach_m, ST_AsGeoJSON(w.geom, 15) AS geometry
FROM camera_views w
JOIN cameras c ON c.id = w.camera_id
WHERE c.code = :code
