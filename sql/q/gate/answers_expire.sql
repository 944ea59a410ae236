-- answers_expire: forgets answers whose time is over, so many at most
-- in:    most int8
-- out:   forgotten int8
-- shape: one
-- base:  live
WITH gone AS (
	DELETE FROM io7.idempotency_keys
	WHERE (user_id, mode, key) IN (
		SELECT user_id, mode, key FROM io7.idempotency_keys
		WHERE expires_at <= now()
		ORDER BY expires_at LIMIT $1
	) AND expires_at <= now()
	RETURNING 1
)
SELECT count(*) AS forgotten FROM gone
