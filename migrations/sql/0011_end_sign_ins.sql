-- Whoever has other rights or another password than when they signed in signs in again; only the session that makes
-- the change itself goes on.
CREATE FUNCTION end_sign_ins() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    changed bigint := CASE WHEN TG_TABLE_NAME = 'accounts' THEN (to_jsonb(NEW)->>'id')::bigint
        ELSE (to_jsonb(coalesce(NEW, OLD))->>'account_id')::bigint END;
BEGIN
    DELETE FROM sign_ins WHERE account_id = changed
        AND token_hash <> sha256(convert_to(coalesce(current_setting('sharpeyes.token', true), ''), 'UTF8'));
    RETURN NULL;
END $$;
CREATE TRIGGER ends_sign_ins AFTER UPDATE OF password_hash, roles, disabled ON accounts
    FOR EACH ROW EXECUTE FUNCTION end_sign_ins();
CREATE TRIGGER ends_sign_ins AFTER INSERT OR DELETE ON account_grants
    FOR EACH ROW EXECUTE FUNCTION end_sign_ins();
