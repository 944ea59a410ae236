-- database_get: finds a user's database of one mode
-- in:    user_id uuid, mode text
-- out:   provider text, host text, url text, token text, is_ready bool,
--        schema_version int4, bytes int8, store_bytes int8
-- shape: maybe-one
-- db:    live
--
-- store_bytes is the size of the user's key-value store in that mode.
SELECT d.provider, d.host, d.db_url AS url, d.db_token AS token,
	d.state = 'ready' AS is_ready, d.schema_version,
	d.storage_used_bytes AS bytes,
	CASE d.mode WHEN 'live' THEN u.live_storage_bytes
		ELSE u.test_storage_bytes END AS store_bytes
FROM io7.user_databases AS d
JOIN io7.users AS u ON u.id = d.user_id
WHERE d.user_id = $1 AND d.mode = $2
