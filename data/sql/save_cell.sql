INSERT INTO cell_coverage (area_id, path, area_m2, open_m2, seen_m2, seen_now_m2, cameras, cameras_now, cameras_unknown,
    gaps, flags, computed_at, stale)
VALUES (:area_id, CAST(:path AS ltree), :area_m2, :open_m2, :seen_m2, :seen_now_m2, :cameras, :cameras_now,
    :cameras_unknown, ST_SetSRID(ST_GeomFromWKB(:gaps_now), 4326), :flags, :at, false)
ON CONFLICT (area_id) DO UPDATE SET
    path = excluded.path, area_m2 = excluded.area_m2, open_m2 = excluded.open_m2, seen_m2 = excluded.seen_m2,
    seen_now_m2 = excluded.seen_now_m2, cameras = excluded.cameras, cameras_now = excluded.cameras_now,
    cameras_unknown = excluded.cameras_unknown, gaps = excluded.gaps, flags = excluded.flags,
    computed_at = excluded.computed_at
