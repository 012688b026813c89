-- What outages are called, for the lines of a message.
SELECT o.id, o.name, o.cause_kind, o.cause, o.opened_at, o.closed_at,
    (SELECT string_agg(v.name, ' ' ORDER BY nlevel(up.path))
     FROM areas up JOIN area_versions v ON v.area_id = up.id AND upper_inf(v.during)
     WHERE up.path @> o.path AND up.path <> '' AND up.level IN ('county', 'town', 'village')) AS area
FROM outages o WHERE o.id = ANY (:ids)
