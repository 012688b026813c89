DROP TRIGGER ends_sign_ins ON account_grants;
DROP TRIGGER ends_sign_ins ON accounts;
DROP FUNCTION end_sign_ins();
