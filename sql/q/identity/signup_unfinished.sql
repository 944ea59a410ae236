-- signup_unfinished: users whose signup was cut off, behind a given one
-- in:    after timestamptz, after_id uuid, page_size int8
-- out:   user_id uuid, created_at timestamptz
-- shape: many
-- base:  live
--
-- A minute is left to the request that may still be at work on it.
SELECT id AS user_id, created_at
FROM io7.users
WHERE ready_at IS NULL AND status <> 'leaving'
	AND created_at < now() - interval '1 minute'
	AND (created_at, id) > ($1, $2)
ORDER BY created_at, id
LIMIT $3
