ALTER TABLE camera_state DROP COLUMN frame_sha256;
ALTER TABLE camera_state DROP COLUMN onvif_refused_credential_version;
