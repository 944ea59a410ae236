-- database_note: records the size and the schema version of a database
-- in:    user_id uuid, mode text, schema_version int4, bytes int8
-- shape: none
-- db:    live
UPDATE io7.user_databases
SET schema_version = $3, storage_used_bytes = $4
WHERE user_id = $1 AND mode = $2
	AND (schema_version, storage_used_bytes) IS DISTINCT FROM ($3, $4)
