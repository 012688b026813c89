-- Cells are listed whether their count is told or not; other areas only when it is, or that one is listed would tell.
WITH counted AS (
    SELECT area_id, count(*) AS count FROM incidents
    WHERE at >= :start AND at < :end AND (CAST(:kind AS text) IS NULL OR kind = :kind) AND area_id IS NOT NULL
    GROUP BY area_id HAVING count(*) >= :least
)
SELECT a.code, v.name, a.level, area_crumbs(a.id) AS crumbs, n.count, ST_XMin(v.boundary) AS west,
    ST_YMin(v.boundary) AS south, ST_XMax(v.boundary) AS east, ST_YMax(v.boundary) AS north
FROM areas a
JOIN area_versions v ON v.area_id = a.id AND upper_inf(v.during)
LEFT JOIN counted n ON n.area_id = a.id
WHERE NOT a.retired AND (a.level = 'cell' OR n.area_id IS NOT NULL)
ORDER BY n.count DESC NULLS LAST, a.code
