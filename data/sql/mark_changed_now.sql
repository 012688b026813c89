-- Cells whose cameras began or ceased to show a picture since they were computed.
UPDATE cell_coverage SET stale = true, urgent = true
WHERE NOT (stale AND urgent) AND area_id IN (
    SELECT w.area_id FROM cell_views w JOIN camera_state s ON s.camera_id = w.camera_id
    WHERE w.worked <> shows_now(s.health, s.valid_until, s.layer))
