-- A password refused by the ONVIF side alone is remembered apart, and the last frame so that a frozen one is known.
ALTER TABLE camera_state ADD COLUMN onvif_refused_credential_version bigint;
ALTER TABLE camera_state ADD COLUMN frame_sha256 text;
