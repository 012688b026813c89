-- Cells to compute, those first that somebody may be waiting for. A stale one is marked as taken at once, so that a
-- change meanwhile marks it again.
WITH wanted AS (
    SELECT a.id AS area_id, a.path, v.boundary
    FROM areas a
    JOIN area_versions v ON v.area_id = a.id AND upper_inf(v.during)
    LEFT JOIN cell_coverage k ON k.area_id = a.id
    WHERE a.level = 'cell' AND NOT a.retired AND v.boundary IS NOT NULL AND coalesce(k.stale, true)
        AND (coalesce(k.urgent, false) OR NOT :urgent_only)
    ORDER BY coalesce(k.urgent, false) DESC, a.path
    LIMIT :at_most
), taken AS (
    UPDATE cell_coverage k SET stale = false, urgent = false FROM wanted WHERE k.area_id = wanted.area_id
)
SELECT area_id, path::text, ST_AsBinary(boundary) AS wkb FROM wanted
