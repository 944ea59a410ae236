-- signup_unfinished: users whose signup was cut off, the longest ago first
-- in:    page_size int8
-- out:   user_id uuid, created_at timestamptz
-- shape: many
-- base:  live
--
-- A minute is left to the request that may still be at work on it.
SELECT id AS user_id, created_at
FROM io7.users
WHERE ready_at IS NULL AND created_at < now() - interval '1 minute'
ORDER BY created_at
LIMIT $1
