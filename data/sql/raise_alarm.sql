-- One open alarm per button: a further press is counted on it, whoever of two intakes comes first.
INSERT INTO alarms AS a (button_id, area_id, path, geom, raised_at)
SELECT id, area_id, path, geom, :at FROM buttons WHERE id = :button
ON CONFLICT (button_id) WHERE state <> 'closed' DO UPDATE SET presses = a.presses + 1
RETURNING a.id, a.presses, a.state
