-- Book the next look of cameras that are due, and say what is needed to look at them now.
-- Rows another worker has taken are skipped, so two workers never look at the same camera at once.
-- A look that somebody asked for is booked at '-infinity', so it comes first.
-- Jitter of a tenth spreads looks that began together.
WITH due AS (
    SELECT s.camera_id, s.next_check_at = '-infinity' AS asked
    FROM camera_state s
    WHERE s.next_check_at <= :now
    ORDER BY s.next_check_at
    LIMIT :at_most
    FOR UPDATE SKIP LOCKED
), booked AS (
    UPDATE camera_state s
    SET next_check_at = CAST(:now AS timestamptz) + :every_s * (0.9 + 0.2 * random()) * interval '1 second'
    FROM due
    WHERE s.camera_id = due.camera_id
    RETURNING s.*, due.asked
)
SELECT b.camera_id, c.code, c.area_id, c.path::text, c.rtsp_url, c.onvif_url, c.username, c.password_encrypted,
    c.credential_version, b.refused_credential_version, b.onvif_refused_credential_version, b.frame_sha256, c.recorder, b.health, b.fault, b.layer, b.since,
    b.valid_until, b.waiting_health, b.waiting_fault, b.waiting_layer, b.waiting_since, b.waiting_looks,
    b.facts, b.pictured_at, b.asked
FROM booked b
JOIN cameras c ON c.id = b.camera_id
WHERE c.record_state = 'in_use' AND c.probe_site = :probe_site
    AND (c.rtsp_url IS NOT NULL OR c.onvif_url IS NOT NULL)
