WITH chosen AS (
    SELECT area_id, geom, count(*) AS count FROM incidents
    WHERE at >= :start AND at < :end AND (CAST(:kind AS text) IS NULL OR kind = :kind)
        AND area_id IS NOT NULL AND geom IS NOT NULL
    GROUP BY area_id, geom
), told AS (
    SELECT area_id FROM chosen GROUP BY area_id HAVING sum(count) >= :least
)
SELECT ST_X(geom) AS lng, ST_Y(geom) AS lat, count FROM chosen JOIN told USING (area_id)
