-- Working cameras for a place: those whose view holds it first, then those that stand near.
WITH place AS (SELECT ST_SetSRID(ST_MakePoint(:lng, :lat), 4326) AS geom),
near AS (
    SELECT c.id, c.code, c.name, c.geom, v.camera_id IS NOT NULL AS sees
    FROM place
    CROSS JOIN LATERAL (
        SELECT v.camera_id AS id FROM camera_views v WHERE ST_Intersects(v.geom, place.geom)
        UNION
        SELECT c.id FROM cameras c WHERE ST_DWithin(c.geom, place.geom, 0.002)
    ) found
    JOIN cameras c ON c.id = found.id
    LEFT JOIN camera_views v ON v.camera_id = c.id AND ST_Intersects(v.geom, place.geom)
    WHERE c.record_state = 'in_use'
)
SELECT n.id, n.code, n.name, n.sees, ST_Distance(n.geom::geography, place.geom::geography) AS distance_m,
    health_now(s.health, s.valid_until) AS health, s.layer, shot.id AS snapshot_id, shot.at AS snapshot_at
FROM near n
CROSS JOIN place
JOIN camera_state s ON s.camera_id = n.id
LEFT JOIN LATERAL (
    SELECT id, at FROM snapshots WHERE camera_id = n.id ORDER BY at DESC LIMIT 1
) shot ON true
WHERE shows_now(s.health, s.valid_until, s.layer)
    AND (n.sees OR ST_Distance(n.geom::geography, place.geom::geography) < 150)
ORDER BY n.sees DESC, distance_m
LIMIT :at_most
