-- Cameras whose last word expired and whose silence is not yet written down.
SELECT s.camera_id, c.area_id, s.path::text, s.health, s.fault, s.layer, s.since, s.valid_until
FROM camera_state s JOIN cameras c ON c.id = s.camera_id
WHERE s.valid_until <= :now AND s.health <> 'unknown'
ORDER BY s.valid_until
LIMIT :at_most
FOR UPDATE OF s SKIP LOCKED
