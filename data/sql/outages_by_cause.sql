-- Outages that touch a time, by cause. An outage merged into a wider one is that one's.
SELECT o.cause, count(DISTINCT o.id) AS outages, count(DISTINCT m.camera_id) AS cameras,
    sum(greatest(0, extract(epoch FROM least(date_trunc('second', coalesce(m.until, :until)), :until)
        - greatest(date_trunc('second', m.since), :since))))::bigint AS lost_s
FROM outages o JOIN outage_members m ON m.outage_id = o.id
WHERE m.since < :until AND (m.until > :since OR m.until IS NULL) AND m.path <@ CAST(:within AS ltree)
  AND o.cause_kind <> 'prober' AND o.merged_into IS NULL
GROUP BY o.cause ORDER BY lost_s DESC, o.cause
