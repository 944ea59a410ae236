-- answers_delete_old: deletes a batch of expired responses
-- in:    batch_size int8
-- out:   deleted int8
-- shape: one
-- db:    live
WITH gone AS (
	DELETE FROM io7.idempotency_keys
	WHERE (user_id, mode, key) IN (
		SELECT user_id, mode, key FROM io7.idempotency_keys
		WHERE expires_at <= now()
		ORDER BY expires_at LIMIT $1
	) AND expires_at <= now()
	RETURNING 1
)
SELECT count(*) AS deleted FROM gone
