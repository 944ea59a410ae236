-- database_ready: records that the provider has created a database
-- in:    user_id uuid, mode text, url text, token text, schema_version int4,
--        bytes int8
-- shape: none
-- db:    live
UPDATE io7.user_databases
SET db_url = $3, db_token = $4, schema_version = $5, storage_used_bytes = $6,
	state = 'ready'
WHERE user_id = $1 AND mode = $2
