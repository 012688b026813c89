SELECT v.camera_id, ST_AsBinary(v.geom) AS wkb, shows_now(s.health, s.valid_until, s.layer) AS works_now, v.flags
FROM area_versions a
JOIN camera_views v ON ST_Intersects(v.geom, a.boundary)
JOIN camera_state s ON s.camera_id = v.camera_id
WHERE a.area_id = :area AND upper_inf(a.during)
ORDER BY v.camera_id
