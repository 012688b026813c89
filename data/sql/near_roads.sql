SELECT ST_AsBinary(r.geom) AS wkb FROM roads r
WHERE r.id IN (
    SELECT n.id FROM area_versions a JOIN roads n ON n.geom && a.boundary
    WHERE a.area_id = ANY (:areas) AND upper_inf(a.during) AND is_way(n.kind))
ORDER BY r.id
