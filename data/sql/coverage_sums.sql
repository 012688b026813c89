-- Sums over the same cells: of all of them, and of each town.
WITH wanted AS (
    SELECT a.path, k.area_m2, k.open_m2, k.cameras_unknown, s.seen_m2, s.seen_now_m2,
        s.seen_by_2_m2, s.least_m2, s.most_m2, s.sectors_m2, s.roads_m, s.roads_seen_m, s.roads_now_m, s.crossings,
        s.crossings_seen, s.crossings_now, s.buildings, s.buildings_seen, s.buildings_now, s.places, s.places_seen,
        s.places_now,
        coverage_is_kept() AND old.id IS NULL AS is_known,
        'no_buildings_known' = ANY (k.flags) AS is_upper_bound,
        told.incidents AS told_incidents, told.seen AS told_seen
    FROM cell_coverage k
    JOIN areas a ON a.id = k.area_id AND NOT a.retired
    JOIN area_versions v ON v.area_id = a.id AND upper_inf(v.during)
    JOIN cell_shares s ON s.area_id = k.area_id AND s.px_per_m = :density
    LEFT JOIN told_incidents(:least_told) told ON told.area_id = k.area_id AND told.px_per_m = s.px_per_m
    LEFT JOIN cells_seen_less() AS old (id) ON old.id = k.area_id
    WHERE (CAST(:within AS text) IS NULL OR a.path <@ (SELECT path FROM areas WHERE code = CAST(:within AS text)))
        AND (CAST(:like AS text) = '' OR v.name ILIKE :like OR a.code ILIKE :like)
)
SELECT t.code, tv.name, count(*) AS cells, sum(w.area_m2) AS area_m2, sum(w.open_m2) AS open_m2,
    sum(w.seen_m2) AS seen_m2, CASE WHEN bool_and(w.is_known) THEN sum(w.seen_now_m2) END AS seen_now_m2,
    sum(w.seen_by_2_m2) AS seen_by_2_m2, sum(w.least_m2) AS least_m2, sum(w.most_m2) AS most_m2,
    sum(w.sectors_m2) AS sectors_m2,
    sum(w.roads_m) AS roads_m, sum(w.roads_seen_m) AS roads_seen_m,
    CASE WHEN bool_and(w.is_known) THEN sum(w.roads_now_m) END AS roads_now_m,
    sum(w.crossings) AS crossings, sum(w.crossings_seen) AS crossings_seen,
    CASE WHEN bool_and(w.is_known) THEN sum(w.crossings_now) END AS crossings_now,
    sum(w.buildings) AS buildings, sum(w.buildings_seen) AS buildings_seen,
    CASE WHEN bool_and(w.is_known) THEN sum(w.buildings_now) END AS buildings_now,
    sum(w.places) AS places, sum(w.places_seen) AS places_seen,
    CASE WHEN bool_and(w.is_known) THEN sum(w.places_now) END AS places_now,
    sum(w.told_incidents) FILTER (WHERE w.told_seen IS NOT NULL) AS incidents, sum(w.told_seen) AS incidents_seen,
    sum(w.cameras_unknown) AS cameras_unknown, count(*) FILTER (WHERE w.is_upper_bound) AS cells_upper_bound,
    GROUPING(t.code) = 1 AS is_all
FROM wanted w
LEFT JOIN areas t ON t.level = 'town' AND t.path @> w.path
LEFT JOIN area_versions tv ON tv.area_id = t.id AND upper_inf(tv.during)
GROUP BY GROUPING SETS ((), (t.code, tv.name))
ORDER BY is_all DESC, t.code
