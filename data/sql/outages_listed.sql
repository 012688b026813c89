-- Outages with what of them lies inside the scope; one of them by :id, else the open or the past ones.
SELECT o.id, o.name, o.cause_kind, o.cause_key, o.cause, o.note, o.opened_at, o.raised_at, o.closed_at, o.merged_into,
    o.area_id, area_crumbs(o.area_id) AS crumbs, n.lost, n.lost_now,
    o.path <@ ANY ((SELECT scope_paths())::ltree[]) AS editable, count(*) OVER () AS all
FROM outages o
CROSS JOIN LATERAL (
    SELECT count(DISTINCT m.camera_id)::integer AS lost, count(*) FILTER (WHERE m.until IS NULL)::integer AS lost_now
    FROM outage_members m WHERE m.outage_id = o.id) n
WHERE (CAST(:id AS bigint) IS NULL AND o.merged_into IS NULL AND (o.closed_at IS NULL) = :open) OR o.id = :id
ORDER BY o.opened_at DESC, o.id DESC
LIMIT :limit OFFSET :offset
