INSERT INTO cell_views (area_id, camera_id, worked)
SELECT :area, one.camera, one.worked
FROM unnest(CAST(:cameras AS bigint[]), CAST(:worked AS boolean[])) AS one (camera, worked)
