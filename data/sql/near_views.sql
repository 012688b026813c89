-- The views of all cameras that could see into some cells, with what their plain sectors are made of.
SELECT v.camera_id, ST_AsBinary(v.geom) AS wkb, ST_AsBinary(v.lowest) AS lowest, ST_AsBinary(v.highest) AS highest, v.flags,
    shows_now(s.health, s.valid_until, s.layer) AS works_now,
    health_now(s.health, s.valid_until) = 'unknown' AS is_unknown,
    ST_X(c.geom) AS lng, ST_Y(c.geom) AS lat, c.bearing_deg, c.bearing_doubt_deg, c.hfov_deg, c.vfov_deg, c.tilt_deg,
    c.height_m, c.reach_m, c.width_px
FROM camera_views v
JOIN cameras c ON c.id = v.camera_id
JOIN camera_state s ON s.camera_id = v.camera_id
WHERE v.camera_id IN (
    SELECT n.camera_id FROM area_versions a JOIN camera_views n ON n.reach_box && a.boundary
    WHERE a.area_id = ANY (:areas) AND upper_inf(a.during))
ORDER BY v.camera_id
