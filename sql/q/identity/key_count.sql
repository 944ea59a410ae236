-- key_count: counts a user's keys that are neither revoked nor expired, and tells
--        whether there are any keys at all
-- in:    user_id uuid
-- out:   current int8, has_any bool
-- shape: one
-- db:    live
SELECT
	(SELECT count(*) FROM io7.api_keys WHERE user_id = $1
		AND revoked_at IS NULL
		AND coalesce(expires_at > now(), true)) AS current,
	EXISTS (SELECT FROM io7.api_keys WHERE user_id = $1) AS has_any
