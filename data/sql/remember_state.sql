-- Write where each camera of a batch stands, and return those that were written. A look that began earlier than the one
-- already remembered is left out, and so is one whose camera was written by another hand since the look was taken: what
-- it concludes is drawn from what no longer holds, and the next look is at hand. xmin changes with every write of a row.
UPDATE camera_state s
SET checked_at = r.checked_at, valid_until = r.valid_until, health = r.health, fault = r.fault, layer = r.layer,
    since = r.since, waiting_health = r.waiting_health, waiting_fault = r.waiting_fault,
    waiting_layer = r.waiting_layer, waiting_since = r.waiting_since, waiting_looks = r.waiting_looks,
    unstable_since = r.unstable_since, turns = r.turns, turned_at = r.turned_at,
    refused_credential_version = r.refused_credential_version,
    onvif_refused_credential_version = r.onvif_refused_credential_version,
    frame_sha256 = coalesce(r.frame_sha256, s.frame_sha256), facts = r.facts,
    pictured_at = coalesce(r.pictured_at, s.pictured_at)
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
    camera_id bigint, checked_at timestamptz, valid_until timestamptz, health text, fault text, layer text,
    since timestamptz, waiting_health text, waiting_fault text, waiting_layer text, waiting_since timestamptz,
    waiting_looks int, unstable_since timestamptz, turns float8, turned_at timestamptz, refused_credential_version bigint,
    onvif_refused_credential_version bigint, frame_sha256 text, facts jsonb, pictured_at timestamptz, row_version text)
WHERE s.camera_id = r.camera_id AND (s.checked_at IS NULL OR s.checked_at < r.checked_at)
    AND (r.row_version IS NULL OR s.xmin::text = r.row_version)
RETURNING s.camera_id
