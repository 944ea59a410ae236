-- database_missing: lists users without databases
-- in:    page_size int8
-- out:   user_id uuid
-- shape: many
-- db:    live
--
-- Users who signed up before there were any.
SELECT u.id AS user_id
FROM io7.users AS u
WHERE u.status <> 'leaving' AND u.ready_at IS NOT NULL
	AND NOT EXISTS (SELECT FROM io7.user_databases AS d WHERE d.user_id = u.id)
ORDER BY u.created_at
LIMIT $1
