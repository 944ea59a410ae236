-- user_profile: returns a user's profile, with recent errors if requested
-- in:    user_id uuid, errors_each int8
-- out:   name text, email text?, avatar_url text?, kind text,
--        status text, created_at timestamptz, last_login_at timestamptz?,
--        error_id uuid, last_at timestamptz, times int8, mode text?,
--        method text?, route text?, code text?, error_status int4,
--        request_id text?, api_key_id uuid?, key_prefix text?,
--        key_last4 text?, key_label text?
-- shape: many
-- db:    live
--
-- One row per error, newest first, at most errors_each per mode. Without
-- errors, one row whose `times` is 0.
SELECT coalesce(u.github_username, u.auth_email, u.auth_sub, '-') AS name,
	coalesce(u.github_email, u.auth_email) AS email,
	u.github_avatar_url AS avatar_url,
	CASE
		WHEN u.auth_iss = 'io7' THEN 'local'
		WHEN u.auth_iss IS NULL THEN 'github'
		ELSE 'token'
	END AS kind,
	u.status, u.created_at, u.last_login_at,
	coalesce(e.id, u.id) AS error_id,
	coalesce(e.last_at, u.created_at) AS last_at,
	coalesce(e.times, 0) AS times, e.mode, e.method, e.route, e.code,
	coalesce(e.status, 0) AS error_status, e.request_id, e.api_key_id,
	k.prefix AS key_prefix, k.last4 AS key_last4, k.label AS key_label
FROM io7.users u
LEFT JOIN LATERAL (
	SELECT n.id, n.last_at, n.times, n.mode, n.method, n.route, n.code,
		n.status, n.request_id, n.api_key_id
	FROM (VALUES ('live'), ('test')) AS m (mode)
	CROSS JOIN LATERAL (
		SELECT id, last_at, times, mode, method, route, code, status,
			request_id, api_key_id
		FROM io7.recent_errors r
		WHERE r.user_id = u.id AND r.mode = m.mode
		ORDER BY r.last_at DESC, r.id DESC
		LIMIT $2
	) n
) e ON true
LEFT JOIN io7.api_keys k ON k.id = e.api_key_id
WHERE u.id = $1
ORDER BY e.last_at DESC, e.id DESC
