SELECT n.id, n.code, n.name, n.sees, n.distance_m, n.health, n.layer, shot.id AS snapshot_id, shot.at AS snapshot_at
FROM cameras_seeing(ST_SetSRID(ST_MakePoint(:lng, :lat), 4326), :at_most) WITH ORDINALITY
    AS n (id, code, name, sees, distance_m, health, layer, n)
LEFT JOIN LATERAL (
    SELECT id, at FROM snapshots WHERE camera_id = n.id ORDER BY at DESC LIMIT 1
) shot ON true
ORDER BY n.n
