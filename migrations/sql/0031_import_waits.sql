-- Whether the job of an import is still waiting for a worker; the web role sees no jobs, and nobody another's run.
CREATE FUNCTION import_waits(run bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM procrastinate_jobs
        WHERE status = 'todo' AND task_name IN ('check_import', 'apply_import')
          AND args ->> 'run_id' = run::text AND args ->> 'account_id' = scope_account()::text)
$$;
