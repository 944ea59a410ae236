-- session_user: returns the signed-in user as the pages show it
-- in:    user_id uuid
-- out:   name text?, email text?, avatar_url text?, created_at timestamptz
-- shape: one
-- db:    live
SELECT github_username AS name, coalesce(github_email, auth_email) AS email,
	github_avatar_url AS avatar_url, created_at
FROM io7.users WHERE id = $1
