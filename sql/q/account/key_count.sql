-- key_count: how many keys a user has, and ever had
-- in:    user_id uuid
-- out:   unrevoked int8, ever int8
-- shape: one
-- base:  live
SELECT count(*) FILTER (WHERE revoked_at IS NULL) AS unrevoked,
	count(*) AS ever
FROM io7.api_keys WHERE user_id = $1
