SELECT a.id, a.state, a.raised_at, a.presses, a.acknowledged_at, ST_X(a.geom) AS lng, ST_Y(a.geom) AS lat,
    b.code, b.name, b.place, b.duty_line, area_crumbs(a.area_id) AS crumbs,
    p.name AS post, p.unit AS post_unit, p.duty_line AS post_duty_line,
    (SELECT r.name FROM roads r WHERE r.name <> '' AND ST_DWithin(r.geom, a.geom, 0.002)
     ORDER BY r.geom <-> a.geom LIMIT 1) AS road
FROM alarms a
JOIN buttons b ON b.id = a.button_id
LEFT JOIN LATERAL (SELECT * FROM posts WHERE area_id = a.area_id ORDER BY id LIMIT 1) p ON true
WHERE a.state <> 'closed'
ORDER BY a.state, a.raised_at
