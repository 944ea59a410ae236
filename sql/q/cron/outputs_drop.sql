-- outputs_drop: drops the oldest outputs of accounts that have too many bytes
-- in:    bytes_max int8, batch_size int8
-- shape: none
-- db:    live
UPDATE io7.cron_runs SET output = NULL, output_bytes = 0, output_cut = true
WHERE id IN (
	SELECT r.id
	FROM (SELECT user_id
		FROM io7.cron_runs
		WHERE output_bytes > 0
		GROUP BY user_id
		HAVING sum(output_bytes) > $1) AS u
	CROSS JOIN LATERAL (
		SELECT r.id, sum(r.output_bytes)
			OVER (ORDER BY r.finished_at DESC NULLS FIRST, r.id) AS bytes
		FROM io7.cron_runs AS r
		WHERE r.user_id = u.user_id AND r.output_bytes > 0
	) AS r
	WHERE r.bytes > $1
	LIMIT $2
)
