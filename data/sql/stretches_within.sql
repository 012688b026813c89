-- Stretches of health within a time, cut to it and to whole seconds; an open one ends where its last word expires.
SELECT c.code, i.health, i.fault, i.layer, cut.began, cut.ended, extract(epoch FROM cut.ended - cut.began)::bigint AS seconds
FROM health_intervals i JOIN cameras c ON c.id = i.camera_id JOIN camera_state s ON s.camera_id = c.id
CROSS JOIN LATERAL (SELECT greatest(date_trunc('second', lower(i.during)), :since) AS began,
    least(date_trunc('second', coalesce(upper(i.during), s.valid_until, :until)), :until) AS ended) cut
WHERE lower(i.during) < :until AND (upper(i.during) > :since OR upper_inf(i.during)) AND cut.began < cut.ended
  AND c.path <@ CAST(:within AS ltree)
ORDER BY c.code, cut.began LIMIT :at_most
