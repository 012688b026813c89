-- What is known of cameras within times: stretches, last looks, and the picture nearest to the middle.
SELECT w.number, s.valid_until,
    coalesce((
        SELECT jsonb_agg(jsonb_build_object('since', lower(i.during), 'until', upper(i.during), 'health', i.health,
            'fault', i.fault, 'layer', i.layer) ORDER BY lower(i.during))
        FROM health_intervals i
        WHERE i.camera_id = w.camera AND i.during && tstzrange(w.since, w.until)), '[]') AS stretches,
    coalesce((
        SELECT jsonb_agg(jsonb_build_object('at', o.at, 'fault', o.facts ->> 'fault', 'detail', o.facts ->> 'detail')
            ORDER BY o.at)
        FROM (SELECT at, facts FROM observations
            WHERE camera_id = w.camera AND at >= w.since AND at < w.until ORDER BY at DESC LIMIT 3) o), '[]') AS looks,
    (SELECT jsonb_build_object('id', p.id, 'at', p.at) FROM snapshots p
        WHERE p.camera_id = w.camera AND p.at >= w.since AND p.at < w.until
        ORDER BY abs(extract(epoch FROM p.at - (w.since + (w.until - w.since) / 2))) LIMIT 1) AS picture
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS w(number int, camera bigint, since timestamptz, until timestamptz)
JOIN camera_state s ON s.camera_id = w.camera
