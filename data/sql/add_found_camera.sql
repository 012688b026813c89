INSERT INTO cameras (code, code_generated, name, area_id, path, rtsp_url, onvif_url, username, password_encrypted,
    credential_version, probe_site, ipv4, ipv6, mac, vendor, model, firmware, changed_at)
VALUES (:code, :code_generated, :name, :area_id,
    coalesce((SELECT path FROM areas WHERE id = CAST(:area_id AS bigint)), ''), :rtsp_url, :onvif_url, :username, :sealed,
    CASE WHEN CAST(:username AS text) IS NULL THEN 0 ELSE 1 END, :probe_site, :ipv4, :ipv6, :mac, :vendor, :model,
    :firmware, :at)
RETURNING id
