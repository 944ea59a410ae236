-- key_count: counts a user's keys that are neither revoked nor expired, and all
-- in:    user_id uuid
-- out:   current int8, total int8
-- shape: one
-- db:    live
SELECT count(*) FILTER (WHERE revoked_at IS NULL
		AND coalesce(expires_at > now(), true)) AS current,
	count(*) AS total
FROM io7.api_keys WHERE user_id = $1
