-- Take the oldest message of each channel whose time has come, for as long as sending may last.
-- A channel on which one is being sent waits; one whose sender died is taken again when its time is over.
-- A test does not queue behind what could not be sent.
WITH oldest AS (
    SELECT DISTINCT ON (n.channel_id, n.kind) n.id, n.next_try_at
    FROM notices n JOIN notice_channels c ON c.id = n.channel_id AND c.active
    WHERE n.state IN ('waiting', 'sending')
    ORDER BY n.channel_id, n.kind, n.id
), taken AS (
    SELECT n.id FROM notices n JOIN oldest o ON o.id = n.id
    WHERE n.next_try_at <= :now
    FOR UPDATE OF n SKIP LOCKED
)
UPDATE notices n
SET state = 'sending', attempts = n.attempts + 1, next_try_at = CAST(:now AS timestamptz) + :lease_s * interval '1 second'
FROM taken t WHERE t.id = n.id
RETURNING n.id, n.channel_id, n.kind, n.lines, n.attempts, n.created_at
