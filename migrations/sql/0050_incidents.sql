-- The heat of incidents is drawn again when incidents change.
CREATE TRIGGER layer_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON incidents
    FOR EACH STATEMENT EXECUTE FUNCTION layer_changed('incidents');
