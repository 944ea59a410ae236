-- signup_unfinished: lists users whose signup was interrupted, page by page
-- in:    after timestamptz, after_id uuid, page_size int8
-- out:   user_id uuid, created_at timestamptz
-- shape: many
-- db:    live
--
-- Users younger than a minute are left to the request that creates them.
SELECT id AS user_id, created_at
FROM io7.users
WHERE ready_at IS NULL AND status <> 'leaving'
	AND created_at < now() - interval '1 minute'
	AND (created_at, id) > ($1, $2)
ORDER BY created_at, id
LIMIT $3
