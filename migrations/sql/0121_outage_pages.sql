-- Pages show turns of maintenance and what stands behind links; these functions read as whoever asks, so in scope.
GRANT EXECUTE ON FUNCTION maintenance_turns(timestamptz, timestamptz), links_of_cameras(), links_under(bigint)
    TO sharpeyes_web;
