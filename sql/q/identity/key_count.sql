-- key_count: how many keys a user has that are not over, and ever had
-- in:    user_id uuid
-- out:   standing int8, ever int8
-- shape: one
-- base:  live
SELECT count(*) FILTER (WHERE revoked_at IS NULL
		AND coalesce(expires_at > now(), true)) AS standing,
	count(*) AS ever
FROM io7.api_keys WHERE user_id = $1
