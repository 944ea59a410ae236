-- user_upsert_github: creates or updates the user of a GitHub account
-- in:    github_id int8, username text, email text, avatar_url text?
-- out:   user_id uuid, status text
-- shape: one
-- db:    live
INSERT INTO io7.users (github_id, github_username, github_email,
	github_avatar_url, last_login_at)
VALUES ($1, $2, $3, $4, now())
ON CONFLICT (github_id) DO UPDATE SET
	github_username = excluded.github_username,
	github_email = excluded.github_email,
	github_avatar_url = excluded.github_avatar_url,
	last_login_at = excluded.last_login_at
RETURNING id AS user_id, status
