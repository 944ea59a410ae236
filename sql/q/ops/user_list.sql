-- user_list: lists users, oldest first, page by page
-- in:    user_id uuid?, name text?, after timestamptz, after_id uuid,
--        page_size int8
-- out:   user_id uuid, schema_name text, name text, kind text, plan_id text,
--        status text, is_ready bool, keys int8, created_at timestamptz,
--        last_login_at timestamptz?
-- shape: many
-- db:    live
--
-- NULL means any. `name` matches GitHub names and local names. Control
-- characters in names are replaced, because the names are printed on terminals.
SELECT u.id AS user_id, u.schema_name,
	regexp_replace(coalesce(u.github_username, u.auth_sub, '-'),
		'[[:cntrl:]]', '?', 'g') AS name,
	CASE
		WHEN u.auth_iss = 'io7' THEN 'local'
		WHEN u.auth_iss IS NULL THEN 'github'
		ELSE 'token'
	END AS kind,
	u.plan_id, u.status, u.ready_at IS NOT NULL AS is_ready,
	(SELECT count(*) FROM io7.api_keys k
		WHERE k.user_id = u.id AND k.revoked_at IS NULL) AS keys,
	u.created_at, u.last_login_at
FROM io7.users u
WHERE ($1::uuid IS NULL OR u.id = $1)
	AND ($2::text IS NULL OR lower(u.github_username) = lower($2)
		OR (u.auth_iss, u.auth_sub) = ('io7', $2))
	AND (u.created_at, u.id) > ($3, $4)
ORDER BY u.created_at, u.id
LIMIT $5
