DROP FUNCTION plan_forbidden(geometry, integer), plan_incidents(geometry, timestamptz, integer),
    plan_place_kinds(geometry), plan_places(geometry, text[], integer), plan_roads(geometry, integer),
    plan_cells(geometry, integer), plan_cameras(geometry, integer), plan_buildings(geometry, integer),
    unadopt_scenario(bigint), ask_for_siting(bigint);
DROP TRIGGER plans_follow ON areas;
DROP FUNCTION plans_follow();
DROP TABLE siting_runs, forbidden_places, forbidden_kinds, scenario_cameras, scenarios;
