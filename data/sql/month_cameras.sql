-- One row a camera: where it stands and what it is by the record as it is now, and what its month came to.
WITH up AS (
    SELECT a.id, u.code, u.level, v.name
    FROM areas a
    CROSS JOIN LATERAL unnest(string_to_array(nullif(a.path::text, ''), '.')::bigint[]) AS over(id)
    JOIN areas u ON u.id = over.id JOIN area_versions v ON v.area_id = u.id AND upper_inf(v.during)
), placed AS (
    SELECT id,
        max(code) FILTER (WHERE level = 'town') AS town_code, max(name) FILTER (WHERE level = 'town') AS town,
        max(code) FILTER (WHERE level = 'village') AS village_code, max(name) FILTER (WHERE level = 'village') AS village,
        max(code) FILTER (WHERE level = 'cell') AS cell_code, max(name) FILTER (WHERE level = 'cell') AS cell
    FROM up GROUP BY id
)
SELECT c.id AS camera_id, c.code, c.name, c.record_state, p.town_code, p.town, p.village_code, p.village, p.cell_code,
    p.cell, c.monitor_class::text AS monitor_class, nullif(c.vendor, '') AS vendor,
    nullif(c.maintaining_unit, '') AS maintainer, coalesce(nullif(c.link, ''), nullif(c.recorder, '')) AS link,
    is_there::int AS cameras, is_used::int AS in_use, (c.record_state = 'repair')::int AS repair,
    (c.record_state = 'dismantled')::int AS dismantled, (c.record_state = 'planned')::int AS planned,
    (is_there AND is_placed)::int AS placed, (is_used AND is_placed)::int AS placed_in_use,
    (is_there AND is_complete)::int AS complete, (is_used AND is_complete)::int AS complete_in_use,
    (is_there AND is_labelled)::int AS labelled, (is_used AND is_labelled)::int AS labelled_in_use,
    coalesce(h.good_s, 0) AS good_s, coalesce(h.bad_s, 0) AS bad_s, coalesce(h.blocked_s, 0) AS blocked_s,
    coalesce(h.offline_s, 0) AS offline_s, coalesce(h.unchecked_s, 0) AS unchecked_s,
    coalesce(h.maintenance_s, 0) AS maintenance_s, coalesce(h.out_s, 0) AS out_s,
    coalesce(h.online_days, 0) AS online_days, coalesce(h.not_online_days, 0) AS not_online_days,
    coalesce(h.unchecked_days, 0) AS unchecked_days, coalesce(h.clock_good_days, 0) AS clock_good_days,
    coalesce(h.clock_bad_days, 0) AS clock_bad_days, coalesce(h.clock_unread_days, 0) AS clock_unread_days,
    coalesce(h.recorded_s, 0) AS recorded_s, coalesce(h.unrecorded_s, 0) AS unrecorded_s,
    coalesce(h.recording_unchecked_s, 0) AS recording_unchecked_s, coalesce(h.failures, 0) AS failures,
    coalesce(h.repairs, 0) AS repairs, coalesce(h.repair_s, 0) AS repair_s, c.path
FROM cameras c LEFT JOIN placed p ON p.id = c.area_id LEFT JOIN health_month(:month) h ON h.camera_id = c.id
CROSS JOIN LATERAL (SELECT c.record_state IN ('in_use', 'repair') AS is_there, c.record_state = 'in_use' AS is_used,
    c.geom IS NOT NULL AS is_placed, c.osd_name <> '' IS TRUE AS is_labelled,
    cardinality(/*missing*/) = 0 AS is_complete) f
WHERE c.path <@ CAST(:within AS ltree) AND c.created_at < :until
