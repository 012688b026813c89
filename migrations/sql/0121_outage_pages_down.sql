REVOKE EXECUTE ON FUNCTION maintenance_turns(timestamptz, timestamptz), links_of_cameras(), links_under(bigint)
    FROM sharpeyes_web;
