DROP FUNCTION sign_in_wait_s(text, text);
DROP FUNCTION shown_to_all();
