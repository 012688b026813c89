SELECT f.*, n.name AS network, n.username IS NOT NULL AS has_login, c.code AS camera_code, c.name AS camera_name,
    t.tried_at
FROM found_devices f
LEFT JOIN networks n ON n.id = f.network_id
LEFT JOIN cameras c ON c.id = f.camera_id
LEFT JOIN login_tries t ON t.known_by = f.known_by
WHERE (:standing = '' OR f.standing = :standing) AND (CAST(:network AS bigint) IS NULL OR f.network_id = :network)
ORDER BY CAST(f.ip AS inet), f.id LIMIT :limit OFFSET :offset
