DROP TABLE login_tries, found_devices, discovery_runs, networks CASCADE;
DROP FUNCTION discovery_is_asked_for();
