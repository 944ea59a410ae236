-- database_list: lists databases by name, page by page
-- in:    after text, user_id uuid?, mode text?, page_size int8
-- out:   name text, user_id uuid, mode text, email text, provider text,
--        host text, url text, token text, is_ready bool, schema_version int4,
--        bytes int8, created_at timestamptz, updated_at timestamptz
-- shape: many
-- db:    live
SELECT db_name AS name, user_id, mode, email, provider, host, db_url AS url,
	db_token AS token, state = 'ready' AS is_ready, schema_version,
	storage_used_bytes AS bytes, created_at, updated_at
FROM io7.user_databases
WHERE db_name > $1 AND ($2::uuid IS NULL OR user_id = $2)
	AND ($3::text IS NULL OR mode = $3)
ORDER BY db_name
LIMIT $4
