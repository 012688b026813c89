WITH chosen AS (
    SELECT area_id, round(ST_X(geom)::numeric, 5)::float8 AS lng, round(ST_Y(geom)::numeric, 5)::float8 AS lat
    FROM incidents
    WHERE at >= :start AND at < :end AND (CAST(:kind AS text) IS NULL OR kind = :kind) AND area_id IS NOT NULL
), told AS (
    SELECT area_id FROM chosen GROUP BY area_id HAVING count(*) >= :least
)
SELECT lng, lat, count(*) AS count FROM chosen JOIN told USING (area_id) GROUP BY lng, lat
