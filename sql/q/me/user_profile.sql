-- user_profile: a user as the user sees it
-- in:    user_id uuid
-- out:   schema_name text, name text, email text?, avatar_url text?, kind text,
--        github_username text?, issuer text?, subject text?, status text,
--        created_at timestamptz, last_login_at timestamptz?
-- shape: maybe-one
-- base:  live
SELECT schema_name,
	coalesce(github_username, auth_email, auth_sub, '-') AS name,
	coalesce(github_email, auth_email) AS email,
	github_avatar_url AS avatar_url,
	CASE
		WHEN auth_iss = 'io7' THEN 'local'
		WHEN auth_iss IS NULL THEN 'github'
		ELSE 'token'
	END AS kind,
	github_username, auth_iss AS issuer, auth_sub AS subject, status,
	created_at, last_login_at
FROM io7.users WHERE id = $1
