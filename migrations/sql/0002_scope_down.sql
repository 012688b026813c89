-- Take back 0002_scope.sql.
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'public' LOOP
        EXECUTE format('DROP POLICY %I ON %I', one.policyname, one.tablename);
        EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', one.tablename);
        EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', one.tablename);
    END LOOP;
    FOR one IN SELECT oid::regprocedure AS name, prokind FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'procrastinate%' LOOP
        EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', one.name);
    END LOOP;
    FOR one IN SELECT relname AS name FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname LIKE 'procrastinate%' LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I CASCADE', one.name);
    END LOOP;
    FOR one IN SELECT typname AS name FROM pg_type
        WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'c') AND typname LIKE 'procrastinate%' LOOP
        EXECUTE format('DROP TYPE IF EXISTS %I CASCADE', one.name);
    END LOOP;
END $$;
DROP TABLE observations_rest;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM sharpeyes_web, sharpeyes_push;
REVOKE ALL ON SCHEMA public FROM sharpeyes_web, sharpeyes_push;
DROP FUNCTION area_at(geometry) CASCADE;
DROP FUNCTION refresh_paths() CASCADE;
DROP FUNCTION drop_observation_days(date) CASCADE;
DROP FUNCTION prepare_observation_day(date) CASCADE;
DROP FUNCTION announce_event() CASCADE;
DROP FUNCTION refuse_alteration() CASCADE;
DROP FUNCTION button_state_follows() CASCADE;
DROP FUNCTION camera_state_follows() CASCADE;
DROP FUNCTION ask_for(text, jsonb) CASCADE;
DROP FUNCTION health_now(text, timestamptz) CASCADE;
DROP FUNCTION close_sign_ins_of(bigint) CASCADE;
DROP FUNCTION close_other_sign_ins() CASCADE;
DROP FUNCTION close_sign_in(bytea) CASCADE;
DROP FUNCTION open_sign_in(bigint, bytea, timestamptz, text) CASCADE;
DROP FUNCTION remember_refusal(text, text) CASCADE;
DROP FUNCTION recent_refusals(text, text) CASCADE;
DROP FUNCTION account_for_login(text) CASCADE;
DROP FUNCTION area_crumbs(bigint) CASCADE;
DROP FUNCTION account_inside_scope(bigint) CASCADE;
DROP FUNCTION scope_has_role(text) CASCADE;
DROP FUNCTION scope_paths() CASCADE;
DROP FUNCTION scope_account() CASCADE;
