-- How recorders of a vendor name the stream of a channel. An administrator may add and change them.
INSERT INTO stream_templates (vendor, path_template) VALUES
    ('Hikvision', '/Streaming/Channels/{channel}01'),
    ('海康威视', '/Streaming/Channels/{channel}01'),
    ('海康', '/Streaming/Channels/{channel}01'),
    ('Dahua', '/cam/realmonitor?channel={channel}&subtype=0'),
    ('大华', '/cam/realmonitor?channel={channel}&subtype=0'),
    ('大华股份', '/cam/realmonitor?channel={channel}&subtype=0'),
    ('Uniview', '/unicast/c{channel}/s0/live'),
    ('宇视', '/unicast/c{channel}/s0/live'),
    ('宇视科技', '/unicast/c{channel}/s0/live')
ON CONFLICT DO NOTHING;

-- Which of these codes belong to rows outside the areas of the session. A code is public knowledge, the row is not.
CREATE FUNCTION codes_elsewhere(wanted_table text, codes text[]) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF wanted_table NOT IN ('areas', 'cameras', 'buttons', 'places', 'incidents', 'buildings', 'roads') THEN
        RAISE EXCEPTION 'codes of % cannot be asked for', wanted_table USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN QUERY EXECUTE format(
        'SELECT code FROM %I WHERE code = ANY ($1) AND NOT %s <@ ANY ((SELECT scope_paths())::ltree[])',
        wanted_table, CASE WHEN wanted_table = 'roads' THEN 'paths' ELSE 'path' END) USING codes;
END $$;

-- Place what lies within a box anew after boundaries changed: the deepest area that covers a point, of two that
-- share an edge the one with the smaller code. Runs over all areas, since a changed boundary gives to its neighbours.
CREATE FUNCTION place_again(within geometry) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    placed text;
    moved bigint := 0;
    moved_here bigint;
BEGIN
    FOREACH placed IN ARRAY ARRAY['cameras', 'buttons', 'places', 'incidents', 'buildings'] LOOP
        EXECUTE format(
            'WITH here AS MATERIALIZED (SELECT id, %2$s AS spot FROM %1$I WHERE geom && $1),'
            ' best AS ('
            '   SELECT DISTINCT ON (h.id) h.id, a.id AS area_id, coalesce(a.path, '''') AS path'
            '   FROM here h LEFT JOIN (area_versions v JOIN areas a ON a.id = v.area_id)'
            '     ON ST_Covers(v.boundary, h.spot) AND upper_inf(v.during)'
            '   ORDER BY h.id, nlevel(a.path) DESC NULLS LAST, a.code)'
            ' UPDATE %1$I t SET path = b.path %3$s FROM best b WHERE b.id = t.id AND (t.path <> b.path %4$s)',
            placed,
            CASE WHEN placed = 'buildings' THEN 'ST_PointOnSurface(geom)' ELSE 'geom' END,
            CASE WHEN placed = 'buildings' THEN '' ELSE ', area_id = b.area_id' END,
            CASE WHEN placed = 'buildings' THEN '' ELSE 'OR t.area_id IS DISTINCT FROM b.area_id' END)
        USING within;
        GET DIAGNOSTICS moved_here = ROW_COUNT;
        moved := moved + moved_here;
    END LOOP;
    PERFORM place_roads_again(within);
    RETURN moved;
END $$;

CREATE FUNCTION place_roads_again(within geometry) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH touched AS (
        SELECT r.id, array_agg(a.path) FILTER (WHERE a.id IS NOT NULL) AS paths
        FROM roads r LEFT JOIN (area_versions v JOIN areas a ON a.id = v.area_id)
            ON ST_Intersects(v.boundary, r.geom) AND upper_inf(v.during)
        WHERE r.geom && within GROUP BY r.id),
    deepest AS (
        SELECT id, coalesce(nullif(ARRAY(
            SELECT one FROM unnest(paths) one
            WHERE NOT EXISTS (SELECT FROM unnest(paths) other WHERE other <@ one AND other <> one)
            ORDER BY one), '{}'), ARRAY[''::ltree]) AS paths
        FROM touched)
    UPDATE roads r SET paths = d.paths FROM deepest d WHERE d.id = r.id AND r.paths <> d.paths
$$;

-- Fewer than the web role may do to areas itself, but a new area needs its number before its children name it.
GRANT USAGE ON SEQUENCE areas_id_seq TO sharpeyes_web;
