INSERT INTO found_devices (network_id, known_by, ip, standing, camera_id, moved_from, changes, mac, uuid, serial, vendor,
    model, firmware, said_name, rtsp_port, onvif_url, asks_login, first_seen_at, last_seen_at, run_id)
VALUES (:network_id, :known_by, :ip, :standing, :camera_id, :moved_from, CAST(:changes AS jsonb), :mac, :uuid, :serial,
    :vendor, :model, :firmware, :said_name, :rtsp_port, :onvif_url, :asks_login, :now, :now, :run_id)
ON CONFLICT (known_by) DO UPDATE SET network_id = excluded.network_id, ip = excluded.ip, standing = excluded.standing,
    camera_id = excluded.camera_id, moved_from = excluded.moved_from, changes = excluded.changes, mac = excluded.mac,
    uuid = excluded.uuid, serial = excluded.serial, vendor = excluded.vendor, model = excluded.model,
    firmware = excluded.firmware, said_name = excluded.said_name, rtsp_port = excluded.rtsp_port,
    onvif_url = excluded.onvif_url, asks_login = excluded.asks_login, last_seen_at = excluded.last_seen_at,
    run_id = excluded.run_id
