-- Looks that saw what was known already: they say only that it still holds.
UPDATE camera_state s SET checked_at = r.checked_at, valid_until = r.valid_until
FROM unnest(CAST(:camera_ids AS bigint[]), CAST(:checked AS timestamptz[]), CAST(:valid AS timestamptz[]),
        CAST(:versions AS text[]))
    AS r(camera_id, checked_at, valid_until, row_version)
WHERE s.camera_id = r.camera_id AND s.checked_at < r.checked_at
    AND (r.row_version IS NULL OR s.xmin::text = r.row_version)
