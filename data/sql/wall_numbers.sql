-- What the bottom line of the wall is made of: counts only, so that every rate shows what it was divided by.
WITH seen AS (
    SELECT CASE WHEN c.record_state = 'in_use' AND m.camera_id IS NOT NULL THEN 'repair' ELSE c.record_state END
        AS record_state, health_now(s.health, s.valid_until) AS health, c.geom IS NULL AS unplaced
    FROM cameras c JOIN camera_state s ON s.camera_id = c.id LEFT JOIN maintained_now() m ON m.camera_id = c.id
), cells AS (
    SELECT a.id, EXISTS (SELECT FROM posts p WHERE p.area_id = a.id AND p.staffed) AS staffed
    FROM areas a WHERE a.level = 'cell' AND NOT a.retired
), today AS (
    SELECT * FROM alarms WHERE raised_at >= :midnight
)
SELECT
    count(*) FILTER (WHERE record_state = 'in_use') AS in_use,
    count(*) FILTER (WHERE record_state = 'repair') AS maintenance,
    count(*) FILTER (WHERE record_state IN ('in_use', 'repair') AND unplaced) AS unplaced,
    count(*) FILTER (WHERE record_state = 'in_use' AND health = 'online') AS online,
    count(*) FILTER (WHERE record_state = 'in_use' AND health = 'degraded') AS degraded,
    count(*) FILTER (WHERE record_state = 'in_use' AND health = 'offline') AS offline,
    count(*) FILTER (WHERE record_state = 'in_use' AND health = 'unknown') AS unknown,
    (SELECT sum(open_m2) FROM cell_coverage) AS open_m2,
    (SELECT sum(seen_m2) FROM cell_coverage) AS seen_m2,
    (SELECT sum(seen_now_m2) FROM cell_coverage WHERE coverage_is_kept()) AS seen_now_m2,
    (SELECT count(*) FROM cells) AS cells,
    (SELECT count(*) FROM cells WHERE NOT staffed) AS vacant,
    (SELECT count(*) FROM today) AS alarms,
    (SELECT count(*) FROM today WHERE finding = 'drill') AS drills,
    (SELECT count(*) FROM today WHERE finding = 'false') AS false_alarms,
    (SELECT count(acknowledged_at) FROM today) AS acknowledged,
    (SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM acknowledged_at - raised_at))
        FROM today WHERE acknowledged_at IS NOT NULL) AS acknowledge_s
FROM seen
