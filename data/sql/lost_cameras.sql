-- A camera that was found before has its row already.
INSERT INTO found_devices (known_by, ip, standing, camera_id, vendor, model, mac, first_seen_at, run_id)
SELECT 'camera:' || c.id, :ip, 'gone', c.id, c.vendor, c.model, c.mac, :now, :run FROM cameras c
WHERE c.id = :id AND NOT EXISTS (SELECT FROM found_devices f WHERE f.camera_id = c.id)
ON CONFLICT (known_by) DO UPDATE SET ip = excluded.ip, standing = 'gone', run_id = excluded.run_id
