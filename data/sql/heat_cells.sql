SELECT ST_AsBinary(v.boundary) AS wkb
FROM (
    SELECT area_id FROM incidents
    WHERE at >= :start AND at < :end AND (CAST(:kind AS text) IS NULL OR kind = :kind) AND area_id IS NOT NULL
    GROUP BY area_id HAVING count(*) >= :least
) told
JOIN area_versions v ON v.area_id = told.area_id AND upper_inf(v.during)
WHERE v.boundary IS NOT NULL
