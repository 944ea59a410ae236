-- outputs_drop: drops the oldest outputs of accounts that have too many bytes
-- in:    bytes_max int8, batch_size int8
-- shape: none
-- db:    live
UPDATE io7.cron_runs SET output = NULL, output_bytes = 0, output_cut = true
WHERE id IN (
	SELECT id
	FROM (
		SELECT id, sum(output_bytes) OVER (PARTITION BY user_id
			ORDER BY finished_at DESC NULLS FIRST, id) AS bytes
		FROM io7.cron_runs
		WHERE output_bytes > 0
	) AS r
	WHERE bytes > $1
	LIMIT $2
)
