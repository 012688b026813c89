-- What was computed from the views of these cameras counted whether they worked.
UPDATE cell_coverage SET stale = true, urgent = true
WHERE NOT (stale AND urgent) AND area_id IN (SELECT area_id FROM cell_views WHERE camera_id = ANY (:ids))
