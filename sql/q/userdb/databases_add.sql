-- databases_add: creates the rows of a user's two databases, unless they exist
-- in:    user_id uuid, provider text, host text
-- shape: none
-- db:    live
--
-- None for a user whose account is being deleted. ON CONFLICT names no columns: with
-- (user_id, mode), a concurrent insert of the same rows can fail on db_name.
WITH owner AS (
	SELECT id, coalesce(github_email, auth_email, '') AS email
	FROM io7.users
	WHERE id = $1 AND status <> 'leaving'
), renamed AS (
	UPDATE io7.user_databases AS d
	SET email = owner.email
	FROM owner
	WHERE d.user_id = owner.id AND d.email <> owner.email
)
INSERT INTO io7.user_databases
	(user_id, mode, email, db_name, db_url, db_token, provider, host)
SELECT owner.id, m.mode, owner.email,
	m.mode || '-' || replace(owner.id::text, '-', ''), '', '', $2, $3
FROM owner
CROSS JOIN (VALUES ('live'), ('test')) AS m (mode)
ON CONFLICT DO NOTHING
