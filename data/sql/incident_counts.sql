SELECT a.code, v.name, area_crumbs(a.id) AS crumbs,
    CASE WHEN count(i.id) >= :least THEN count(i.id) END AS count
FROM areas a
JOIN area_versions v ON v.area_id = a.id AND upper_inf(v.during)
LEFT JOIN incidents i ON i.area_id = a.id AND i.at >= :start AND i.at < :end
    AND (CAST(:kind AS text) IS NULL OR i.kind = :kind)
WHERE (a.level = 'cell' OR i.id IS NOT NULL) AND NOT a.retired
GROUP BY a.id, a.code, v.name
ORDER BY count DESC NULLS LAST, a.code
