-- user_profile: a user as the user sees it
-- in:    user_id uuid
-- out:   name text, email text?, avatar_url text?, kind text,
--        status text, created_at timestamptz, last_login_at timestamptz?
-- shape: maybe-one
-- base:  live
SELECT coalesce(github_username, auth_email, auth_sub, '-') AS name,
	coalesce(github_email, auth_email) AS email,
	github_avatar_url AS avatar_url,
	CASE
		WHEN auth_iss = 'io7' THEN 'local'
		WHEN auth_iss IS NULL THEN 'github'
		ELSE 'token'
	END AS kind,
	status, created_at, last_login_at
FROM io7.users WHERE id = $1
