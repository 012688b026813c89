-- Book the next look of cameras whose turn comes until :until, and say what is needed to look at them.
-- Rows another worker has taken are skipped, so two workers never look at the same camera at once. A recorder is taken
-- as a whole, with the channels that are due: who waits for its row and then finds it busy leaves it.
-- A look that somebody asked for is booked at '-infinity', so it comes first. The next one follows a period after this
-- one was due, or a little sooner, so that looks which began together do not stay together.
WITH wanted AS (
    SELECT t.camera_id, t.recorder, t.next_check_at
    FROM look_turns t LEFT JOIN recorder_turns r ON r.recorder = t.recorder
    WHERE t.probe_site = :probe_site AND t.next_check_at <= :until
        AND (t.recorder IS NULL OR r.busy_until <= :now)
    ORDER BY t.next_check_at
    LIMIT :at_most
    FOR UPDATE OF t SKIP LOCKED
), free AS (
    SELECT r.recorder FROM recorder_turns r
    WHERE r.recorder IN (SELECT recorder FROM wanted) AND r.busy_until <= :now
    FOR UPDATE SKIP LOCKED
), held AS (
    UPDATE recorder_turns r SET busy_until = CAST(:now AS timestamptz) + :held_s * interval '1 second'
    FROM free
    WHERE r.recorder = free.recorder
    RETURNING r.recorder
), due AS (
    SELECT camera_id, next_check_at FROM wanted
    WHERE recorder IS NULL OR recorder IN (SELECT recorder FROM held)
), booked AS (
    UPDATE look_turns t
    SET next_check_at = greatest(due.next_check_at, CAST(:now AS timestamptz))
        + :every_s * (0.95 + 0.025 * random()) * interval '1 second'
    FROM due
    WHERE t.camera_id = due.camera_id
    RETURNING t.camera_id, due.next_check_at = '-infinity' AS asked,
        greatest(due.next_check_at, CAST(:now AS timestamptz)) AS due_at
)
SELECT b.camera_id, c.code, c.area_id, c.monitor_class, c.path::text, c.rtsp_url, c.onvif_url, c.username, c.password_encrypted,
    c.credential_version, s.refused_credential_version, s.onvif_refused_credential_version, s.frame_sha256, c.recorder,
    c.recorder_channel, c.codec, c.width_px, c.height_px, c.frame_rate, c.bit_rate_kbps, c.key_frame_every, s.checked_at, s.health, s.fault, s.layer, s.since,
    s.valid_until, s.waiting_health, s.waiting_fault, s.waiting_layer, s.waiting_since, s.waiting_looks,
    s.unstable_since, s.turns, s.turned_at,
    s.facts, s.pictured_at, b.asked, b.due_at,
    s.xmin::text AS row_version
FROM booked b
JOIN camera_state s ON s.camera_id = b.camera_id
JOIN cameras c ON c.id = b.camera_id
ORDER BY NOT b.asked, b.due_at
