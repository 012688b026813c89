DROP FUNCTION next_device_serials(text, integer);
DROP TRIGGER camera_files_move ON cameras;
DROP FUNCTION camera_files_follow();
DROP TABLE record_rules;
DROP TABLE camera_files;
ALTER TABLE cameras DROP COLUMN division_code, DROP COLUMN power_duty_line, DROP COLUMN direction_type,
    DROP COLUMN max_resolution;
