SELECT a.id, a.state, a.raised_at, a.presses, a.acknowledged_at, ST_X(a.geom) AS lng, ST_Y(a.geom) AS lat,
    b.code, b.name, b.place, b.duty_line, area_crumbs(a.area_id) AS crumbs,
    p.name AS post, p.unit AS post_unit, p.duty_line AS post_duty_line, nearest_road(a.geom) AS road
FROM alarms a
JOIN buttons b ON b.id = a.button_id
LEFT JOIN LATERAL (SELECT * FROM posts WHERE area_id = a.area_id ORDER BY id LIMIT 1) p ON true
WHERE a.state <> 'closed'
-- Those nobody answered first, and of them the one that has waited longest.
ORDER BY a.state = 'active' DESC, a.raised_at, a.id
