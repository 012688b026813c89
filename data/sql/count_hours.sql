-- Add sums of looks to their hours; the extremes keep what the quantised rows leave out. Camera by camera, so that two
-- workers never wait for each other; a camera that was moved within the hour has two sums.
INSERT INTO observation_hours AS h (camera_id, path, hour, looks, faults, describe_ms_min, describe_ms_max,
    key_frame_ms_min, key_frame_ms_max, clock_skew_s_min, clock_skew_s_max)
SELECT camera_id, max(path)::ltree, hour, sum(looks), sum(faults), min(describe_ms_min), max(describe_ms_max),
    min(key_frame_ms_min), max(key_frame_ms_max), min(clock_skew_s_min), max(clock_skew_s_max)
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(camera_id bigint, path text, hour timestamptz, looks int, faults int,
    describe_ms_min float8, describe_ms_max float8, key_frame_ms_min float8, key_frame_ms_max float8,
    clock_skew_s_min float8, clock_skew_s_max float8)
WHERE EXISTS (SELECT FROM cameras c WHERE c.id = r.camera_id)
GROUP BY camera_id, hour
ORDER BY camera_id, hour
ON CONFLICT (camera_id, hour) DO UPDATE SET
    looks = h.looks + excluded.looks,
    faults = h.faults + excluded.faults,
    describe_ms_min = least(h.describe_ms_min, excluded.describe_ms_min),
    describe_ms_max = greatest(h.describe_ms_max, excluded.describe_ms_max),
    key_frame_ms_min = least(h.key_frame_ms_min, excluded.key_frame_ms_min),
    key_frame_ms_max = greatest(h.key_frame_ms_max, excluded.key_frame_ms_max),
    clock_skew_s_min = least(h.clock_skew_s_min, excluded.clock_skew_s_min),
    clock_skew_s_max = greatest(h.clock_skew_s_max, excluded.clock_skew_s_max)
