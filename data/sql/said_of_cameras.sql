-- What cameras are called, where they hang, and what is wrong with them, for the lines of a message.
SELECT c.id, c.code, c.name, c.address, s.fault, s.layer, s.health, s.since,
    (SELECT string_agg(v.name, ' ' ORDER BY nlevel(up.path))
     FROM areas up JOIN area_versions v ON v.area_id = up.id AND upper_inf(v.during)
     WHERE up.path @> c.path AND up.path <> '' AND up.level IN ('town', 'village', 'cell')) AS area
FROM cameras c JOIN camera_state s ON s.camera_id = c.id
WHERE c.id = ANY (:ids)
