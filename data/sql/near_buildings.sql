SELECT ST_AsBinary(b.geom) AS wkb, b.height_m, b.levels FROM buildings b
WHERE b.id IN (
    SELECT n.id FROM area_versions a JOIN buildings n ON n.geom && a.boundary
    WHERE a.area_id = ANY (:areas) AND upper_inf(a.during))
ORDER BY b.id
