ALTER FUNCTION refresh_paths() RESET enable_nestloop;
