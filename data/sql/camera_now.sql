-- One camera as the wall shows it; the health is what it is worth now.
SELECT c.id, c.code, c.name, c.record_state, c.address, c.bearing_deg, c.area_id, ST_X(c.geom) AS lng, ST_Y(c.geom) AS lat,
    h.health, CASE WHEN h.health = s.health THEN s.fault END AS fault,
    CASE WHEN h.health = s.health THEN s.layer END AS layer,
    CASE WHEN h.health = s.health THEN s.since ELSE coalesce(s.valid_until, s.since) END AS since,
    s.checked_at, s.valid_until, s.unstable_since, (SELECT until FROM maintained_now() WHERE camera_id = c.id) AS maintained_until,
    (SELECT outage_id FROM outage_members WHERE camera_id = c.id AND until IS NULL) AS outage_id, s.facts ->> 'detail' AS detail, area_crumbs(c.area_id) AS crumbs,
    (SELECT p.id FROM snapshots p WHERE p.camera_id = c.id ORDER BY p.at DESC LIMIT 1) AS picture_id,
    (SELECT p.at FROM snapshots p WHERE p.camera_id = c.id ORDER BY p.at DESC LIMIT 1) AS pictured_at
FROM cameras c JOIN camera_state s ON s.camera_id = c.id
CROSS JOIN LATERAL (SELECT health_now(s.health, s.valid_until) AS health) h
WHERE c.id = :id
