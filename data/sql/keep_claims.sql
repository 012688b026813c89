INSERT INTO claims (list_id, row, code, name, since, until, claimed, camera_id, finding, evidence, path)
SELECT :list, row, code, name, since, until, claimed, camera_id, finding, evidence, path::ltree
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
    row int, code text, name text, since timestamptz, until timestamptz, claimed text, camera_id bigint, finding text,
    evidence jsonb, path text)
