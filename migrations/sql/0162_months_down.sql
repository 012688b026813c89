DROP FUNCTION health_counted_until(date);
