-- user_find: whom an operator means, by id or by name
-- in:    user_id uuid?, name text?
-- out:   user_id uuid, schema_name text, name text, kind text, plan_id text,
--        status text, is_ready bool, keys int8, created_at timestamptz,
--        last_login_at timestamptz?
-- shape: many
-- base:  live
--
-- A name is a GitHub user's or a local one. Both may be there: then it is for
-- the operator to say which.
SELECT u.id AS user_id, u.schema_name,
	regexp_replace(coalesce(u.github_username, u.auth_sub, '-'),
		'[[:cntrl:]]', '?', 'g') AS name,
	CASE WHEN u.auth_iss = 'io7' THEN 'local'
		WHEN u.auth_iss IS NULL THEN 'github'
		ELSE 'token' END AS kind,
	u.plan_id, u.status, u.ready_at IS NOT NULL AS is_ready,
	(SELECT count(*) FROM io7.api_keys k
		WHERE k.user_id = u.id AND k.revoked_at IS NULL) AS keys,
	u.created_at, u.last_login_at
FROM io7.users u
WHERE u.id = $1 OR lower(u.github_username) = lower($2)
	OR (u.auth_iss, u.auth_sub) = ('io7', $2)
LIMIT 2
