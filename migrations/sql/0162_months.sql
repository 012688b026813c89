-- Up to when a month was counted: the same for every camera of it, so one row tells.
CREATE FUNCTION health_counted_until(wanted date) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.counted_until FROM health_months m
    WHERE m.month = wanted AND cardinality(scope_of_caller()) > 0 LIMIT 1
$$;

-- The months there are, each found by one step through the index.
CREATE OR REPLACE FUNCTION health_months_there() RETURNS TABLE (month date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH RECURSIVE there (month) AS (
        SELECT min(m.month) FROM health_months m
        UNION ALL
        SELECT (SELECT min(m.month) FROM health_months m WHERE m.month > t.month) FROM there t WHERE t.month IS NOT NULL
    )
    SELECT t.month FROM there t WHERE t.month IS NOT NULL AND cardinality(scope_of_caller()) > 0
$$;

-- The days of the cameras inside the scope and inside `within`, added up; of all of them no camera need be read.
CREATE OR REPLACE FUNCTION health_daily(since date, until date, within ltree)
RETURNS TABLE (day date, good_s bigint, bad_s bigint, blocked_s bigint, offline_s bigint, unchecked_s bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS $$
DECLARE
    scope ltree[] := scope_of_caller();
BEGIN
    IF within = '' AND ''::ltree = ANY (scope) THEN
        RETURN QUERY
        SELECT d.day, sum(d.good_s), sum(d.bad_s), sum(d.blocked_s), sum(d.offline_s), sum(d.unchecked_s)
        FROM health_days d WHERE d.day >= since AND d.day < until GROUP BY d.day ORDER BY d.day;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT d.day, sum(d.good_s), sum(d.bad_s), sum(d.blocked_s), sum(d.offline_s), sum(d.unchecked_s)
    FROM health_days d
    JOIN (SELECT c.id FROM cameras c WHERE c.path <@ within AND c.path <@ ANY (scope)) c ON c.id = d.camera_id
    WHERE d.day >= since AND d.day < until
    GROUP BY d.day ORDER BY d.day;
END $$;
