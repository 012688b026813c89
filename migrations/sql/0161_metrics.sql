-- What monitoring reads of the prober and the queue: sums, faults and sites, of no camera or area.
CREATE FUNCTION prober_numbers() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET jit = off SET enable_seqscan = off AS $$
    SELECT jsonb_build_object(
        'turns', (SELECT jsonb_build_object(
            'cameras', count(*),
            'overdue', count(*) FILTER (WHERE next_check_at < now() - interval '10 seconds'),
            'lag_s', coalesce(greatest(0, extract(epoch FROM now()
                - min(next_check_at) FILTER (WHERE next_check_at > '-infinity'))), 0)) FROM look_turns),
        'looked', (SELECT count(*) FROM camera_state WHERE checked_at > now() - interval '1 minute'),
        'hour', (SELECT jsonb_build_object(
            'looks', coalesce(sum(h.looks), 0), 'faults', coalesce(sum(h.faults), 0),
            'describe_ms', percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY h.describe_ms_max),
            'key_frame_ms', percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY h.key_frame_ms_max))
            FROM camera_state s
            JOIN observation_hours h ON h.camera_id = s.camera_id AND h.hour = date_trunc('hour', now())),
        'faults', (SELECT coalesce(jsonb_object_agg(fault, cameras), '{}') FROM (
            SELECT fault, count(*) AS cameras FROM camera_state
            WHERE fault IS NOT NULL AND valid_until > now() GROUP BY fault) f),
        'queues', (SELECT coalesce(jsonb_object_agg(queue_name, jsonb_build_object('waiting', waiting, 'lag_s', lag_s)), '{}')
            FROM (SELECT j.queue_name, count(*) AS waiting,
                    coalesce(extract(epoch FROM now() - min(coalesce(j.scheduled_at, e.at))), 0) AS lag_s
                FROM procrastinate_jobs j
                LEFT JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'
                WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now())
                GROUP BY j.queue_name) q),
        'sites', (SELECT coalesce(jsonb_object_agg(probe_site, jsonb_build_object(
            'heard_s', extract(epoch FROM now() - heard_at), 'cut_off', cut_off_since IS NOT NULL)), '{}') FROM probers))
$$;
