DROP FUNCTION import_waits(bigint);
