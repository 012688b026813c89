-- What outages of a time were laid to: recorders, links, areas, subnets; most seconds lost first.
SELECT o.cause_kind, o.cause_key, max(o.name) AS name, count(DISTINCT o.id) AS outages,
    count(DISTINCT m.camera_id) AS cameras,
    sum(greatest(0, extract(epoch FROM least(date_trunc('second', coalesce(m.until, :until)), :until)
        - greatest(date_trunc('second', m.since), :since))))::bigint AS lost_s
FROM outages o JOIN outage_members m ON m.outage_id = o.id
WHERE m.since < :until AND (m.until > :since OR m.until IS NULL) AND m.path <@ CAST(:within AS ltree)
  AND o.cause_kind <> 'prober' AND o.merged_into IS NULL
GROUP BY o.cause_kind, o.cause_key ORDER BY lost_s DESC, o.cause_kind, o.cause_key LIMIT :at_most
