INSERT INTO cell_views (area_id, camera_id, worked)
SELECT one.area, one.camera, one.worked
FROM unnest(CAST(:areas AS bigint[]), CAST(:cameras AS bigint[]), CAST(:worked AS boolean[]))
    AS one (area, camera, worked)
