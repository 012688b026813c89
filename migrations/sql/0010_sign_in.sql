-- Seconds until another password may be tried: five refusals of a login or twenty from an address (a control room
-- shares one) within 15 minutes close the door until the first of them is that old. Tries of one login wait for each
-- other, so that many at once are counted too.
CREATE FUNCTION sign_in_wait_s(wanted_login text, from_address text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    closing timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(wanted_login, 10));
    SELECT greatest(
        (SELECT at FROM login_attempts WHERE login = left(wanted_login, 100) AND at > now() - interval '15 minutes'
         ORDER BY at DESC OFFSET 4 LIMIT 1),
        (SELECT at FROM login_attempts WHERE address = from_address AND at > now() - interval '15 minutes'
         ORDER BY at DESC OFFSET 19 LIMIT 1))
    INTO closing;
    RETURN greatest(0, ceil(extract(epoch FROM closing + interval '15 minutes' - now())))::integer;
END $$;

-- What every page shows, also the one to sign in on.
CREATE FUNCTION shown_to_all() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(jsonb_object_agg(name, value), '{}') FROM options WHERE name IN ('demonstration', 'site_name')
$$;
