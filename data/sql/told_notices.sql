-- What each channel last heard of every matter that is not over.
SELECT DISTINCT ON (l.channel_id, l.matter) l.matter, l.channel_id, l.rule_id, l.trouble, l.since, l.at, l.times
FROM notice_lines l WHERE NOT l.closed
ORDER BY l.channel_id, l.matter, l.id DESC
