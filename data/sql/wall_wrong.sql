-- What is wrong now, worst first. A camera without an address cannot be looked at, and one entered a moment ago was
-- not yet: both are unknown on the map, but nothing an operator can act on; nor is one that is being maintained.
-- An outage is one line with all it took; until it is known to be one, many devices of one village lost to one fault
-- within two minutes are one line too. A camera that comes and goes is a line of its own as long as it does.
WITH maintained AS (
    SELECT camera_id FROM maintained_now()
), members AS (
    SELECT m.outage_id, m.camera_id FROM outage_members m JOIN outages o ON o.id = m.outage_id
    WHERE m.until IS NULL AND o.closed_at IS NULL
), ill AS (
    SELECT c.id, c.code, c.name, c.area_id, c.geom, h.health,
        CASE WHEN h.health = s.health THEN s.fault END AS fault, CASE WHEN h.health = s.health THEN s.layer END AS layer,
        CASE WHEN h.health <> s.health THEN coalesce(s.valid_until, s.since)
            WHEN h.health = 'online' THEN s.unstable_since ELSE s.since END AS since,
        s.checked_at, s.unstable_since IS NOT NULL AS unstable, coalesce(v.parent_id, c.area_id) AS village_id
    FROM cameras c JOIN camera_state s ON s.camera_id = c.id
    CROSS JOIN LATERAL (SELECT health_now(s.health, s.valid_until) AS health) h
    LEFT JOIN area_versions v ON v.area_id = c.area_id AND upper_inf(v.during)
    WHERE c.record_state = 'in_use' AND (h.health <> 'online' OR s.unstable_since IS NOT NULL)
        AND (c.rtsp_url IS NOT NULL OR c.onvif_url IS NOT NULL)
        AND (s.checked_at IS NOT NULL OR s.since < now() - interval '5 minutes')
        AND c.id NOT IN (SELECT camera_id FROM maintained) AND c.id NOT IN (SELECT camera_id FROM members)
), grouped AS (
    SELECT *, date_bin('2 minutes', since, 'epoch') AS began,
        count(*) OVER (PARTITION BY village_id, health, fault, date_bin('2 minutes', since, 'epoch')) AS together
    FROM ill
), lines AS (
    SELECT id, NULL::bigint AS outage_id, code, name, area_id, health, fault, layer, since, checked_at, unstable,
        1 AS devices, ST_X(geom) AS lng, ST_Y(geom) AS lat
    FROM grouped WHERE together < :least OR village_id IS NULL OR health = 'online'
    UNION ALL
    SELECT min(id), NULL, NULL, NULL, village_id, health, fault, min(layer), min(since), max(checked_at), false,
        count(*)::integer, avg(ST_X(geom)), avg(ST_Y(geom))
    FROM grouped WHERE together >= :least AND village_id IS NOT NULL AND health <> 'online'
    GROUP BY village_id, health, fault, began
    UNION ALL
    SELECT o.id, o.id, o.cause_kind, o.name, o.area_id, 'offline', NULL, NULL, o.opened_at, now(), false,
        count(*)::integer, avg(ST_X(c.geom)), avg(ST_Y(c.geom))
    FROM members m JOIN outages o ON o.id = m.outage_id JOIN cameras c ON c.id = m.camera_id
    GROUP BY o.id
)
SELECT l.*, n.name AS area, count(*) OVER () AS lines, sum(devices) OVER () AS all_devices
FROM lines l LEFT JOIN area_versions n ON n.area_id = l.area_id AND upper_inf(n.during)
ORDER BY outage_id IS NOT NULL DESC, devices >= :least DESC,
    array_position(ARRAY['offline', 'degraded', 'unknown', 'online'], health), since DESC, id
LIMIT :at_most
