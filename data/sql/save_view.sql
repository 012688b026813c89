INSERT INTO camera_views (camera_id, camera_version, path, px_per_m, geom, lowest, highest, reach_box, area_m2, sector_m2,
    reach_m, flags, computed_at)
VALUES (:camera, :version, CAST(:path AS ltree), :density, ST_SetSRID(ST_GeomFromWKB(:wkb), 4326),
    ST_SetSRID(ST_GeomFromWKB(:lowest), 4326), ST_SetSRID(ST_GeomFromWKB(:highest), 4326),
    ST_MakeEnvelope(:west, :south, :east, :north, 4326), :area, :sector, :reach, :flags, :at)
ON CONFLICT (camera_id) DO UPDATE SET
    camera_version = excluded.camera_version, path = excluded.path, px_per_m = excluded.px_per_m,
    geom = excluded.geom, lowest = excluded.lowest, highest = excluded.highest, reach_box = excluded.reach_box,
    area_m2 = excluded.area_m2, sector_m2 = excluded.sector_m2, reach_m = excluded.reach_m, flags = excluded.flags,
    computed_at = excluded.computed_at
