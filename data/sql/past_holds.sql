-- Times in which cameras were members of an outage or in maintenance, and were not told of by themselves.
SELECT camera_id, since, until FROM outage_members
WHERE since < :until AND (until IS NULL OR until > :since)
UNION ALL
SELECT camera_id, lower(during), upper(during)
FROM maintenance_in_scope(CAST(:since AS timestamptz), CAST(:until AS timestamptz))
