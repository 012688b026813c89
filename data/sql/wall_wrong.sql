-- What is wrong now, worst first. A camera without an address cannot be looked at, and one entered a moment ago was
-- not yet: both are unknown on the map, but nothing an operator can act on. Many devices of one village lost to one
-- fault within two minutes are one line.
WITH ill AS (
    SELECT c.id, c.code, c.name, c.area_id, c.geom, h.health,
        CASE WHEN h.health = s.health THEN s.fault END AS fault, CASE WHEN h.health = s.health THEN s.layer END AS layer,
        CASE WHEN h.health = s.health THEN s.since ELSE coalesce(s.valid_until, s.since) END AS since,
        s.checked_at, coalesce(v.parent_id, c.area_id) AS village_id
    FROM cameras c JOIN camera_state s ON s.camera_id = c.id
    CROSS JOIN LATERAL (SELECT health_now(s.health, s.valid_until) AS health) h
    LEFT JOIN area_versions v ON v.area_id = c.area_id AND upper_inf(v.during)
    WHERE c.record_state = 'in_use' AND h.health <> 'online'
        AND (c.rtsp_url IS NOT NULL OR c.onvif_url IS NOT NULL)
        AND (s.checked_at IS NOT NULL OR s.since < now() - interval '5 minutes')
), grouped AS (
    SELECT *, date_bin('2 minutes', since, 'epoch') AS began,
        count(*) OVER (PARTITION BY village_id, health, fault, date_bin('2 minutes', since, 'epoch')) AS together
    FROM ill
), lines AS (
    SELECT id, code, name, area_id, health, fault, layer, since, checked_at, 1 AS devices,
        ST_X(geom) AS lng, ST_Y(geom) AS lat
    FROM grouped WHERE together < :least OR village_id IS NULL
    UNION ALL
    SELECT min(id), NULL, NULL, village_id, health, fault, min(layer), min(since), max(checked_at), count(*)::integer,
        avg(ST_X(geom)), avg(ST_Y(geom))
    FROM grouped WHERE together >= :least AND village_id IS NOT NULL
    GROUP BY village_id, health, fault, began
)
SELECT l.*, n.name AS area, count(*) OVER () AS lines, sum(devices) OVER () AS all_devices
FROM lines l LEFT JOIN area_versions n ON n.area_id = l.area_id AND upper_inf(n.during)
ORDER BY devices >= :least DESC, array_position(ARRAY['offline', 'degraded', 'unknown'], health), since DESC, id
LIMIT :at_most
