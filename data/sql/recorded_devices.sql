WITH found AS (
    SELECT camera_id, mac, uuid, serial, vendor, model, firmware FROM found_devices
    WHERE camera_id IS NOT NULL AND standing IN ('known', 'moved', 'gone') AND known_by NOT LIKE 'camera:%'
)
SELECT c.id, c.code, c.ipv4, c.ipv6, c.rtsp_url, c.onvif_url,
    -- Behind a recorder the address is the recorder's, the MAC address the camera's own.
    CASE WHEN c.recorder IS NULL THEN c.mac END AS mac, NULL AS uuid,
    CASE WHEN EXISTS (SELECT FROM found WHERE found.camera_id = c.id) THEN NULL
        ELSE s.facts -> 'device' ->> 'serial' END AS serial,
    coalesce(c.vendor, s.facts -> 'device' ->> 'manufacturer') AS vendor,
    coalesce(c.model, s.facts -> 'device' ->> 'model') AS model, c.firmware
FROM cameras c JOIN camera_state s ON s.camera_id = c.id
WHERE c.record_state <> 'dismantled'
UNION ALL
SELECT c.id, c.code, c.ipv4, c.ipv6, c.rtsp_url, c.onvif_url,
    found.mac, found.uuid, found.serial, found.vendor, found.model, found.firmware
FROM found JOIN cameras c ON c.id = found.camera_id
WHERE c.record_state <> 'dismantled'
