-- Neighbours together, so that the buildings around them are read once: in squares of a twentieth of a degree.
SELECT c.id, c.version, c.path::text, ST_X(c.geom) AS lng, ST_Y(c.geom) AS lat, c.bearing_deg, c.bearing_doubt_deg,
    c.hfov_deg, c.vfov_deg, c.tilt_deg, c.height_m, c.reach_m, c.width_px
FROM cameras c
LEFT JOIN camera_views v ON v.camera_id = c.id
WHERE c.record_state = 'in_use' AND c.geom IS NOT NULL AND v.camera_version IS DISTINCT FROM c.version
ORDER BY floor(ST_X(c.geom) * 20), floor(ST_Y(c.geom) * 20), c.id
LIMIT :at_most
