-- databases_add: creates the rows of a user's two databases, unless they exist
-- in:    user_id uuid, provider text, host text
-- shape: none
-- db:    live
--
-- None for a user whose account is being deleted.
INSERT INTO io7.user_databases AS d
	(user_id, mode, email, db_name, db_url, db_token, provider, host)
SELECT u.id, m.mode, coalesce(u.github_email, u.auth_email, ''),
	m.mode || '-' || replace(u.id::text, '-', ''), '', '', $2, $3
FROM io7.users AS u
CROSS JOIN (VALUES ('live'), ('test')) AS m (mode)
WHERE u.id = $1 AND u.status <> 'leaving'
ON CONFLICT (user_id, mode) DO UPDATE SET email = excluded.email
WHERE d.email <> excluded.email
