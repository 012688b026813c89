-- Who may see what. Three roles: the owner (all rows), sharpeyes_web (rows inside the areas of the session whose
-- token it presents) and sharpeyes_push (the events table and expiring state, nothing else).

-- The account of the presented token. The setting holds only the opaque token: it can be written by anyone, but
-- not guessed, and what it grants is looked up here.
CREATE FUNCTION scope_account() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.account_id
    FROM sign_ins s JOIN accounts a ON a.id = s.account_id
    WHERE s.token_hash = sha256(convert_to(current_setting('sharpeyes.token', true), 'UTF8'))
      AND s.expires_at > now() AND NOT a.disabled
$$;

-- The paths granted to that account; the empty path means everything, no row means nothing.
CREATE FUNCTION scope_paths() RETURNS ltree[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(CASE WHEN g.area_id IS NULL THEN ''::ltree ELSE a.path END), '{}')
    FROM account_grants g LEFT JOIN areas a ON a.id = g.area_id
    WHERE g.account_id = scope_account() AND (g.area_id IS NULL OR a.path <> '')
$$;

CREATE FUNCTION scope_has_role(wanted text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce((SELECT wanted = ANY (roles) FROM accounts WHERE id = scope_account()), false)
$$;

-- Whether all that an account was granted lies inside the caller's own scope: an administrator of one town
-- neither sees nor changes the accounts of another, nor of the county.
CREATE FUNCTION account_inside_scope(account bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT ''::ltree = ANY (scope_paths()) OR NOT EXISTS (
        SELECT FROM account_grants g LEFT JOIN areas a ON a.id = g.area_id
        WHERE g.account_id = account
          AND (g.area_id IS NULL OR NOT a.path <@ ANY (scope_paths())))
$$;

-- The name of an area and of those above it, outermost first, for breadcrumbs: names only, no boundaries.
CREATE FUNCTION area_crumbs(area bigint) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT array_agg(v.name ORDER BY nlevel(up.path))
    FROM areas here JOIN areas up ON up.path @> here.path AND up.path <> ''
    JOIN area_versions v ON v.area_id = up.id AND upper_inf(v.during)
    WHERE here.id = area AND here.path <@ ANY (scope_paths())
$$;

-- Signing in happens before there is a scope. The web process proves passwords, so it may read one hash by
-- login and open a session; it can list neither.
CREATE FUNCTION account_for_login(wanted text)
RETURNS TABLE (id bigint, password_hash text, disabled boolean, recent_refusals bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT a.id, a.password_hash, a.disabled,
        (SELECT count(*) FROM login_attempts t WHERE t.login = wanted AND t.at > now() - interval '15 minutes')
    FROM accounts a WHERE a.login = wanted
$$;

CREATE FUNCTION recent_refusals(wanted_login text, from_address text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(*) FROM login_attempts
    WHERE at > now() - interval '15 minutes' AND (login = wanted_login OR address = from_address)
$$;

CREATE FUNCTION remember_refusal(refused_login text, from_address text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO login_attempts (login, address) VALUES (left(refused_login, 100), from_address)
$$;

CREATE FUNCTION open_sign_in(account bigint, hash bytea, until timestamptz, from_address text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO sign_ins (token_hash, account_id, expires_at, address) VALUES (hash, account, until, from_address)
$$;

CREATE FUNCTION close_sign_in(hash bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DELETE FROM sign_ins WHERE token_hash = hash
$$;

CREATE FUNCTION close_other_sign_ins() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DELETE FROM sign_ins
    WHERE account_id = scope_account()
      AND token_hash <> sha256(convert_to(current_setting('sharpeyes.token', true), 'UTF8'))
$$;

CREATE FUNCTION close_sign_ins_of(account bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DELETE FROM sign_ins
    WHERE account_id = account AND scope_has_role('admin') AND account_inside_scope(account)
$$;

-- What a health word is worth now: after it expired, unknown, whoever is dead.
CREATE FUNCTION health_now(health text, valid_until timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN valid_until > now() THEN health ELSE 'unknown' END
$$;

-- Ask for work outside the request. Only what a page may ask for; the asking account is written by the database.
CREATE FUNCTION ask_for(task text, args jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    job bigint;
    queue text := CASE WHEN task IN ('look_now') THEN 'look' ELSE 'compute' END;
BEGIN
    IF task NOT IN ('look_now', 'update_coverage', 'check_import', 'apply_import') OR scope_account() IS NULL THEN
        RAISE EXCEPTION 'this work cannot be asked for' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO procrastinate_jobs (queue_name, task_name, args, priority)
    VALUES (queue, task, args || jsonb_build_object('account_id', scope_account()), 10)
    RETURNING id INTO job;
    RETURN job;
END $$;

-- A health state row is born with its camera and follows it when it moves to another area.
CREATE FUNCTION camera_state_follows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO camera_state (camera_id, path, next_check_at)
        VALUES (NEW.id, NEW.path, now() + random() * interval '5 seconds');
    ELSE
        UPDATE camera_state SET path = NEW.path WHERE camera_id = NEW.id;
        UPDATE camera_views SET path = NEW.path WHERE camera_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER camera_state_is_born AFTER INSERT ON cameras
    FOR EACH ROW EXECUTE FUNCTION camera_state_follows();
-- Compared as text, because pg_restore does not find the operators of ltree in a WHEN.
CREATE TRIGGER camera_state_moves AFTER UPDATE OF path ON cameras
    FOR EACH ROW WHEN (OLD.path::text IS DISTINCT FROM NEW.path::text) EXECUTE FUNCTION camera_state_follows();

CREATE FUNCTION button_state_follows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO button_state (button_id, path) VALUES (NEW.id, NEW.path);
    ELSE
        UPDATE button_state SET path = NEW.path WHERE button_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER button_state_is_born AFTER INSERT ON buttons
    FOR EACH ROW EXECUTE FUNCTION button_state_follows();
CREATE TRIGGER button_state_moves AFTER UPDATE OF path ON buttons
    FOR EACH ROW WHEN (OLD.path::text IS DISTINCT FROM NEW.path::text) EXECUTE FUNCTION button_state_follows();

-- What was signalled, done and audited is added to, never changed.
CREATE FUNCTION refuse_alteration() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are kept as they were written', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER kept_as_written BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_alteration();
CREATE TRIGGER kept_as_written BEFORE UPDATE OR DELETE ON signals
    FOR EACH ROW EXECUTE FUNCTION refuse_alteration();
CREATE TRIGGER kept_as_written BEFORE UPDATE OR DELETE ON alarm_steps
    FOR EACH ROW EXECUTE FUNCTION refuse_alteration();

-- An event is announced by its number alone; whoever listens reads it under its own rights.
CREATE FUNCTION announce_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('events', NEW.id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER announced AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION announce_event();

-- Observations come in one partition a day; the default one catches what nobody prepared for.
CREATE TABLE observations_rest PARTITION OF observations DEFAULT;
CREATE FUNCTION prepare_observation_day(day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS %I PARTITION OF observations FOR VALUES FROM (%L) TO (%L)',
        'observations_' || to_char(day, 'YYYYMMDD'), day::timestamp AT TIME ZONE 'UTC',
        (day + 1)::timestamp AT TIME ZONE 'UTC');
END $$;
CREATE FUNCTION drop_observation_days(before date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    part record;
    dropped bigint := 0;
BEGIN
    FOR part IN SELECT inhrelid::regclass AS name FROM pg_inherits
        WHERE inhparent = 'observations'::regclass
          AND inhrelid::regclass::text ~ '^observations_[0-9]{8}$'
          AND to_date(right(inhrelid::regclass::text, 8), 'YYYYMMDD') < before
    LOOP
        EXECUTE format('DROP TABLE %s', part.name);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;
REVOKE ALL ON FUNCTION prepare_observation_day(date), drop_observation_days(date) FROM PUBLIC;

-- The paths of the tree, from parents. Rows that name an area follow it.
CREATE FUNCTION refresh_paths() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    WITH RECURSIVE tree (id, path) AS (
        SELECT v.area_id, text2ltree(v.area_id::text) FROM area_versions v
        WHERE upper_inf(v.during) AND v.parent_id IS NULL
        UNION ALL
        SELECT v.area_id, tree.path || v.area_id::text FROM area_versions v JOIN tree ON v.parent_id = tree.id
        WHERE upper_inf(v.during)
    ) CYCLE id SET looped USING trail
    UPDATE areas a SET path = tree.path FROM tree WHERE a.id = tree.id AND a.path <> tree.path AND NOT looped;
    UPDATE posts t SET path = a.path FROM areas a WHERE a.id = t.area_id AND t.path <> a.path;
    UPDATE cameras t SET path = a.path FROM areas a WHERE a.id = t.area_id AND t.path <> a.path;
    UPDATE buttons t SET path = a.path FROM areas a WHERE a.id = t.area_id AND t.path <> a.path;
    UPDATE places t SET path = a.path FROM areas a WHERE a.id = t.area_id AND t.path <> a.path;
    UPDATE incidents t SET path = a.path FROM areas a WHERE a.id = t.area_id AND t.path <> a.path;
    UPDATE cell_coverage t SET path = a.path FROM areas a WHERE a.id = t.area_id AND t.path <> a.path;
END $$;

-- The deepest area that holds a point now; of two that share an edge the one with the smaller code.
CREATE FUNCTION area_at(point geometry) RETURNS bigint
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT a.id FROM area_versions v JOIN areas a ON a.id = v.area_id
    WHERE upper_inf(v.during) AND ST_Covers(v.boundary, point)
    ORDER BY nlevel(a.path) DESC, a.code LIMIT 1
$$;


-- Rights of the web role. Secrets are written by it, never read.
GRANT USAGE ON SCHEMA public TO sharpeyes_web, sharpeyes_push;
-- Readiness compares the version of the database with that of the code.
GRANT SELECT ON alembic_version TO sharpeyes_web;
GRANT SELECT ON areas, area_versions, posts, camera_state, observations, observation_hours, health_intervals,
    snapshots, camera_changes, stream_templates, buildings, roads, places, incidents, camera_views, cell_coverage,
    button_state, button_intervals, signals, alarms, alarm_steps, events, options, import_runs, base_maps,
    account_grants, audit TO sharpeyes_web;
GRANT INSERT, UPDATE ON areas, area_versions, posts, cameras, camera_views, cell_coverage, buildings, roads, places,
    incidents, buttons, stream_templates, options, import_runs, base_maps, alarms, account_grants TO sharpeyes_web;
GRANT DELETE ON account_grants, base_maps, stream_templates, posts, import_runs TO sharpeyes_web;
GRANT INSERT ON camera_changes, alarm_steps, events, audit, accounts TO sharpeyes_web;
GRANT UPDATE (next_check_at, refused_credential_version) ON camera_state TO sharpeyes_web;
GRANT UPDATE (title, password_hash, roles, language, must_change_password, disabled, choices) ON accounts
    TO sharpeyes_web;
DO $$
DECLARE
    seen text;
BEGIN
    FOR seen IN SELECT format('GRANT SELECT (%s) ON %I TO sharpeyes_web', string_agg(quote_ident(column_name), ', '), table_name)
        FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name IN ('cameras', 'buttons', 'accounts')
          AND column_name NOT IN ('password_encrypted', 'secret_encrypted', 'password_hash')
        GROUP BY table_name
    LOOP
        EXECUTE seen;
    END LOOP;
END $$;
GRANT SELECT ON events, camera_state, button_state TO sharpeyes_push;

-- Rows by path.
DO $$
DECLARE
    scoped text;
BEGIN
    FOREACH scoped IN ARRAY ARRAY['areas', 'posts', 'cameras', 'camera_state', 'observations', 'observation_hours',
        'health_intervals', 'snapshots', 'camera_changes', 'buildings', 'places', 'incidents', 'camera_views',
        'cell_coverage', 'buttons', 'button_state', 'button_intervals', 'signals', 'alarms', 'alarm_steps', 'events']
    LOOP
        EXECUTE format('CREATE POLICY inside_scope ON %I TO sharpeyes_web'
            ' USING (path <@ ANY ((SELECT scope_paths())::ltree[]))'
            ' WITH CHECK (path <@ ANY ((SELECT scope_paths())::ltree[]))', scoped);
    END LOOP;
    -- Every table is closed but to its owner, and opened by the policies here.
    FOR scoped IN SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
          AND relname !~ '^(procrastinate|alembic|spatial_ref_sys|observations_)'
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', scoped);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', scoped);
        EXECUTE format('CREATE POLICY owner_sees_all ON %I TO CURRENT_USER USING (true) WITH CHECK (true)', scoped);
    END LOOP;
END $$;
CREATE POLICY inside_scope ON roads TO sharpeyes_web
    USING (paths <@ ANY ((SELECT scope_paths())::ltree[])) WITH CHECK (paths <@ ANY ((SELECT scope_paths())::ltree[]));
CREATE POLICY inside_scope ON area_versions TO sharpeyes_web
    USING (area_id IN (SELECT id FROM areas)) WITH CHECK (area_id IN (SELECT id FROM areas));
CREATE POLICY own_or_administered ON accounts TO sharpeyes_web
    USING (id = (SELECT scope_account()) OR ((SELECT scope_has_role('admin')) AND account_inside_scope(id)))
    WITH CHECK (id = (SELECT scope_account()) OR ((SELECT scope_has_role('admin')) AND account_inside_scope(id)));
CREATE POLICY own ON account_grants FOR SELECT TO sharpeyes_web
    USING (account_id = (SELECT scope_account()));
-- Nobody grants more than was granted to themselves.
CREATE POLICY administered ON account_grants TO sharpeyes_web
    USING ((SELECT scope_has_role('admin')) AND account_inside_scope(account_id))
    WITH CHECK ((SELECT scope_has_role('admin')) AND (
        ''::ltree = ANY ((SELECT scope_paths())::ltree[]) OR area_id IN (SELECT id FROM areas)));
CREATE POLICY own_rows ON audit FOR INSERT TO sharpeyes_web
    WITH CHECK (account_id IS NOT DISTINCT FROM (SELECT scope_account()));
CREATE POLICY administered ON audit FOR SELECT TO sharpeyes_web
    USING ((SELECT scope_has_role('admin')) AND account_id IS NOT NULL AND account_inside_scope(account_id)
        OR (SELECT scope_has_role('admin')) AND ''::ltree = ANY ((SELECT scope_paths())::ltree[]));
CREATE POLICY own_runs ON import_runs TO sharpeyes_web
    USING (account_id = (SELECT scope_account())) WITH CHECK (account_id = (SELECT scope_account()));
DO $$
DECLARE
    shown text;
BEGIN
    -- Read by every signed-in account, changed by administrators of everything.
    FOREACH shown IN ARRAY ARRAY['options', 'base_maps', 'stream_templates'] LOOP
        EXECUTE format('CREATE POLICY signed_in ON %I FOR SELECT TO sharpeyes_web'
            ' USING ((SELECT scope_account()) IS NOT NULL)', shown);
        EXECUTE format('CREATE POLICY administered ON %I TO sharpeyes_web'
            ' USING ((SELECT scope_has_role(''admin'')) AND ''''::ltree = ANY ((SELECT scope_paths())::ltree[]))'
            ' WITH CHECK ((SELECT scope_has_role(''admin'')) AND ''''::ltree = ANY ((SELECT scope_paths())::ltree[]))', shown);
    END LOOP;
END $$;
-- Push reads all events and all expiries and filters them by the paths of each open page.
CREATE POLICY heard ON events FOR SELECT TO sharpeyes_push USING (true);
CREATE POLICY ticked ON camera_state FOR SELECT TO sharpeyes_push USING (true);
CREATE POLICY ticked ON button_state FOR SELECT TO sharpeyes_push USING (true);
