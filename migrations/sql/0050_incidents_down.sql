DROP TRIGGER layer_changes ON incidents;
