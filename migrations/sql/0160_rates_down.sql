DROP FUNCTION health_months_there();
DROP FUNCTION health_daily(date, date, ltree);
DROP FUNCTION health_month(date);
DROP FUNCTION scope_of_caller();
DROP FUNCTION seconds_of(tstzmultirange);
DROP TABLE claims, claim_lists, report_cameras, reports, rate_basis, health_months, health_days;
DROP INDEX ix_health_intervals_until;
DROP INDEX ix_health_intervals_camera_id_since;
