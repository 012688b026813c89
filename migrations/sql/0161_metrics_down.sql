DROP FUNCTION prober_numbers();
