UPDATE cell_coverage k SET stale = true
FROM area_versions a, camera_views v
WHERE v.camera_id = ANY (:ids) AND a.area_id = k.area_id AND upper_inf(a.during)
    AND ST_Intersects(a.boundary, coalesce(v.reach_box, v.geom)) AND NOT k.stale
