-- The days of a month added up, a row a camera.
WITH fresh AS (
    SELECT d.camera_id, sum(good_s) AS good_s, sum(bad_s) AS bad_s, sum(blocked_s) AS blocked_s,
        sum(offline_s) AS offline_s, sum(unchecked_s) AS unchecked_s, sum(maintenance_s) AS maintenance_s,
        sum(out_s) AS out_s,
        count(*) FILTER (WHERE known > 0 AND 2 * offline_s <= known) AS online_days,
        count(*) FILTER (WHERE known > 0 AND 2 * offline_s > known) AS not_online_days,
        count(*) FILTER (WHERE known = 0 AND unchecked_s > 0) AS unchecked_days,
        count(*) FILTER (WHERE clock_good) AS clock_good_days,
        count(*) FILTER (WHERE NOT clock_good) AS clock_bad_days,
        count(*) FILTER (WHERE clock_good IS NULL AND known + unchecked_s > 0) AS clock_unread_days,
        coalesce(sum(recorded_s), 0) AS recorded_s,
        coalesce(sum(greatest(known + unchecked_s - recorded_s, 0)), 0) AS unrecorded_s,
        coalesce(sum(known + unchecked_s) FILTER (WHERE recorded_s IS NULL), 0) AS recording_unchecked_s,
        sum(failures) AS failures, sum(repairs) AS repairs, sum(repair_s) AS repair_s
    FROM health_days d
    CROSS JOIN LATERAL (SELECT good_s + bad_s + blocked_s + offline_s AS known) k
    WHERE day >= :month AND day < :next_month
    GROUP BY d.camera_id
), none AS (
    DELETE FROM health_months m
    WHERE m.month = :month AND NOT EXISTS (SELECT FROM fresh f WHERE f.camera_id = m.camera_id)
)
INSERT INTO health_months AS m (camera_id, month, counted_until, good_s, bad_s, blocked_s, offline_s, unchecked_s,
    maintenance_s, out_s, online_days, not_online_days, unchecked_days, clock_good_days, clock_bad_days,
    clock_unread_days, recorded_s, unrecorded_s, recording_unchecked_s, failures, repairs, repair_s)
SELECT camera_id, :month, :until, good_s, bad_s, blocked_s, offline_s, unchecked_s, maintenance_s, out_s,
    online_days, not_online_days, unchecked_days, clock_good_days, clock_bad_days, clock_unread_days, recorded_s,
    unrecorded_s, recording_unchecked_s, failures, repairs, repair_s
FROM fresh
ON CONFLICT (camera_id, month) DO UPDATE SET
    counted_until = excluded.counted_until, good_s = excluded.good_s, bad_s = excluded.bad_s,
    blocked_s = excluded.blocked_s, offline_s = excluded.offline_s, unchecked_s = excluded.unchecked_s,
    maintenance_s = excluded.maintenance_s, out_s = excluded.out_s, online_days = excluded.online_days,
    not_online_days = excluded.not_online_days, unchecked_days = excluded.unchecked_days,
    clock_good_days = excluded.clock_good_days, clock_bad_days = excluded.clock_bad_days,
    clock_unread_days = excluded.clock_unread_days, recorded_s = excluded.recorded_s,
    unrecorded_s = excluded.unrecorded_s, recording_unchecked_s = excluded.recording_unchecked_s,
    failures = excluded.failures, repairs = excluded.repairs, repair_s = excluded.repair_s
