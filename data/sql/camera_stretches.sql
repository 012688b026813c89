-- Stretches of health of a camera between two moments, cut to them. An open one counts only as far as its last word.
SELECT i.health, i.fault, greatest(lower(i.during), :since) AS since,
    least(CASE WHEN upper_inf(i.during) THEN least(:until, s.valid_until) ELSE upper(i.during) END, :until) AS until
FROM health_intervals i JOIN camera_state s ON s.camera_id = i.camera_id
WHERE i.camera_id = :id AND i.during && tstzrange(:since, :until)
ORDER BY 3
