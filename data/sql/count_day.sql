-- What every camera came to within [:since, :until), a day or what has passed of it; video/days.py says it in Python.
WITH held AS (
    SELECT i.camera_id, i.health, i.layer, i.fault,
        greatest(date_trunc('second', lower(i.during)), :since) AS began,
        least(date_trunc('second', coalesce(upper(i.during), s.valid_until, :until)), :until) AS ended
    FROM health_intervals i JOIN camera_state s ON s.camera_id = i.camera_id
    WHERE lower(i.during) < :until AND (upper(i.during) > :since OR upper_inf(i.during)) AND i.health <> 'unknown'
), told AS (
    SELECT h.camera_id, h.before ->> 'record_state' AS was, h.at,
        lag(h.at) OVER (PARTITION BY h.camera_id ORDER BY h.at, h.id) AS since
    FROM camera_changes h WHERE h.before ->> 'record_state' IS NOT NULL
), lives AS (
    -- What a camera was before each change of its state, what it is since the last one, and that it was not there
    -- before its record was.
    SELECT camera_id, was AS state, since, at AS until FROM told
    UNION ALL
    SELECT c.id, c.record_state, (SELECT max(t.at) FROM told t WHERE t.camera_id = c.id), NULL
    FROM cameras c WHERE c.record_state <> 'in_use'
    UNION ALL
    SELECT c.id, 'planned', NULL, c.created_at FROM cameras c WHERE c.created_at > :since
), apart AS (
    SELECT camera_id, state <> 'repair' AS is_out, greatest(date_trunc('second', since), :since) AS began,
        least(date_trunc('second', until), :until) AS ended
    FROM lives WHERE state <> 'in_use'
    UNION ALL
    SELECT camera_id, false, greatest(date_trunc('second', lower(during)), :since),
        least(date_trunc('second', upper(during)), :until)
    FROM maintenance_within(:since, :until, ARRAY[''::ltree])
), left_out AS (
    SELECT camera_id, range_agg(tstzrange(began, ended)) AS whole,
        coalesce(range_agg(tstzrange(began, ended)) FILTER (WHERE is_out), '{}') AS gone
    FROM apart WHERE began < ended GROUP BY camera_id
), pieces AS (
    SELECT h.camera_id,
        CASE
            WHEN h.health = 'online' OR (h.health = 'degraded'
                AND (h.layer IN ('clock', 'onvif') OR h.fault = 'not_as_recorded')) THEN 'good'
            WHEN h.health = 'offline' THEN 'offline'
            WHEN h.layer IN ('picture', 'key_frame') THEN 'bad'
            ELSE 'blocked'
        END AS kind,
        CASE WHEN l.camera_id IS NULL THEN extract(epoch FROM h.ended - h.began)::bigint
            ELSE seconds_of(tstzmultirange(tstzrange(h.began, h.ended)) - l.whole) END AS seconds
    FROM held h LEFT JOIN left_out l ON l.camera_id = h.camera_id
    WHERE h.began < h.ended
), known AS (
    SELECT camera_id,
        coalesce(sum(seconds) FILTER (WHERE kind = 'good'), 0) AS good_s,
        coalesce(sum(seconds) FILTER (WHERE kind = 'bad'), 0) AS bad_s,
        coalesce(sum(seconds) FILTER (WHERE kind = 'blocked'), 0) AS blocked_s,
        coalesce(sum(seconds) FILTER (WHERE kind = 'offline'), 0) AS offline_s,
        sum(seconds) AS known_s
    FROM pieces GROUP BY camera_id
), turns AS (
    -- Stretches that begin here and differ from what was known before: failures and repairs. Silence is neither.
    SELECT i.camera_id, i.health, date_trunc('second', lower(i.during)) AS at, lower(i.during) AS exactly
    FROM health_intervals i
    CROSS JOIN LATERAL (
        SELECT (SELECT p.health FROM health_intervals p
            WHERE p.camera_id = i.camera_id AND lower(p.during) < lower(i.during) AND p.health <> 'unknown'
            ORDER BY lower(p.during) DESC LIMIT 1) AS health) before
    WHERE lower(i.during) >= :since AND lower(i.during) < :until AND i.health <> 'unknown'
      AND (upper(i.during) > :since OR upper_inf(i.during))
      AND (i.health = 'offline') <> coalesce(before.health = 'offline', false)
), counted AS (
    SELECT t.camera_id, count(*) FILTER (WHERE t.health = 'offline') AS failures,
        count(*) FILTER (WHERE t.health <> 'offline') AS repairs,
        coalesce(sum(extract(epoch FROM t.at - date_trunc('second', f.failed_at)))
            FILTER (WHERE t.health <> 'offline'), 0) AS repair_s
    FROM turns t LEFT JOIN left_out l ON l.camera_id = t.camera_id
    LEFT JOIN LATERAL (
        SELECT lower(o.during) AS failed_at FROM health_intervals o
        WHERE t.health <> 'offline' AND o.camera_id = t.camera_id AND o.health = 'offline'
          AND lower(o.during) < t.exactly AND lower(o.during) > coalesce((
            SELECT lower(g.during) FROM health_intervals g
            WHERE g.camera_id = t.camera_id AND g.health IN ('online', 'degraded') AND lower(g.during) < t.exactly
            ORDER BY lower(g.during) DESC LIMIT 1), '-infinity')
        ORDER BY lower(o.during) LIMIT 1) f ON true
    WHERE l.camera_id IS NULL OR NOT l.whole @> t.at
    GROUP BY t.camera_id
), clocks AS (
    SELECT c.id AS camera_id, k.good
    FROM cameras c CROSS JOIN LATERAL (
        SELECT bool_and(greatest(abs(h.clock_skew_s_min), abs(h.clock_skew_s_max)) <= :clock_limit_s) AS good
        FROM observation_hours h
        WHERE h.camera_id = c.id AND h.hour >= :since AND h.hour < :until AND h.clock_skew_s_min IS NOT NULL) k
    WHERE k.good IS NOT NULL
), fresh AS (
    SELECT c.id AS camera_id,
        coalesce(k.good_s, 0) AS good_s, coalesce(k.bad_s, 0) AS bad_s, coalesce(k.blocked_s, 0) AS blocked_s,
        coalesce(k.offline_s, 0) AS offline_s,
        length.s - left_s.s - coalesce(k.known_s, 0) AS unchecked_s,
        left_s.s - out_s.s AS maintenance_s, out_s.s AS out_s,
        coalesce(n.failures, 0) AS failures, coalesce(n.repairs, 0) AS repairs, coalesce(n.repair_s, 0) AS repair_s,
        CASE WHEN length.s > left_s.s THEN t.good END AS clock_good,
        -- The share of the last day that a device said it has recorded; known only while that day lasts.
        CASE WHEN s.checked_at >= :since AND s.checked_at < :until
            THEN round((length.s - left_s.s) * (s.facts ->> 'recorded_share')::float)::integer END AS recorded_s
    FROM cameras c JOIN camera_state s ON s.camera_id = c.id
    LEFT JOIN known k ON k.camera_id = c.id
    LEFT JOIN counted n ON n.camera_id = c.id
    LEFT JOIN clocks t ON t.camera_id = c.id
    LEFT JOIN left_out l ON l.camera_id = c.id
    CROSS JOIN LATERAL (SELECT extract(epoch FROM :until - :since)::bigint AS s) length
    CROSS JOIN LATERAL (SELECT CASE WHEN l.camera_id IS NULL THEN 0 ELSE seconds_of(l.whole) END AS s) left_s
    CROSS JOIN LATERAL (SELECT CASE WHEN l.camera_id IS NULL THEN 0 ELSE seconds_of(l.gone) END AS s) out_s
    WHERE out_s.s < length.s
), none AS (
    DELETE FROM health_days d WHERE d.day = :day AND NOT EXISTS (SELECT FROM fresh f WHERE f.camera_id = d.camera_id)
)
INSERT INTO health_days AS d (camera_id, day, good_s, bad_s, blocked_s, offline_s, unchecked_s, maintenance_s, out_s,
    failures, repairs, repair_s, clock_good, recorded_s)
SELECT camera_id, :day, good_s, bad_s, blocked_s, offline_s, unchecked_s, maintenance_s, out_s, failures, repairs,
    repair_s, clock_good, recorded_s
FROM fresh
ON CONFLICT (camera_id, day) DO UPDATE SET
    good_s = excluded.good_s, bad_s = excluded.bad_s, blocked_s = excluded.blocked_s, offline_s = excluded.offline_s,
    unchecked_s = excluded.unchecked_s, maintenance_s = excluded.maintenance_s, out_s = excluded.out_s,
    failures = excluded.failures, repairs = excluded.repairs, repair_s = excluded.repair_s,
    clock_good = excluded.clock_good, recorded_s = coalesce(excluded.recorded_s, d.recorded_s)
WHERE (d.good_s, d.bad_s, d.blocked_s, d.offline_s, d.unchecked_s, d.maintenance_s, d.out_s, d.failures, d.repairs,
        d.repair_s, d.clock_good, d.recorded_s)
    IS DISTINCT FROM (excluded.good_s, excluded.bad_s, excluded.blocked_s, excluded.offline_s, excluded.unchecked_s,
        excluded.maintenance_s, excluded.out_s, excluded.failures, excluded.repairs, excluded.repair_s,
        excluded.clock_good, coalesce(excluded.recorded_s, d.recorded_s))
