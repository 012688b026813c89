ALTER TABLE camera_state ADD COLUMN next_check_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL;
UPDATE camera_state s SET next_check_at = t.next_check_at FROM look_turns t WHERE t.camera_id = s.camera_id;
GRANT UPDATE (next_check_at) ON camera_state TO sharpeyes_web;
CREATE INDEX ix_camera_state_next_check_at ON camera_state (next_check_at);
CREATE INDEX ix_camera_state_valid_until ON camera_state (valid_until);
CREATE OR REPLACE FUNCTION camera_state_follows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO camera_state (camera_id, path, next_check_at)
        VALUES (NEW.id, NEW.path, now() + random() * interval '5 seconds');
    ELSE
        UPDATE camera_state SET path = NEW.path WHERE camera_id = NEW.id;
        UPDATE camera_views SET path = NEW.path WHERE camera_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER look_turn_is_born ON cameras;
DROP TRIGGER look_turn_changes ON cameras;
DROP FUNCTION look_turn_follows();
DROP FUNCTION restore_turns(double precision);
DROP FUNCTION is_looked_at(cameras);
DROP TABLE look_turns;
DROP TABLE recorder_turns;
