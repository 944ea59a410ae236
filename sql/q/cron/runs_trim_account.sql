-- runs_trim_account: deletes a batch of the oldest runs of accounts that have too many
-- in:    keep int8, batch_size int8
-- shape: none
-- db:    live
--
-- In one mode, also of jobs that were deleted. Runs that have not ended stay.
DELETE FROM io7.cron_runs WHERE id IN (
	SELECT r.id
	FROM (SELECT user_id, mode
		FROM io7.cron_runs
		WHERE status NOT IN ('queued', 'running')
		GROUP BY user_id, mode
		HAVING count(*) > $1) AS u
	CROSS JOIN LATERAL (
		SELECT r.id
		FROM io7.cron_runs AS r
		WHERE r.user_id = u.user_id AND r.mode = u.mode
			AND r.status NOT IN ('queued', 'running')
		ORDER BY r.due_at DESC, r.id DESC
		OFFSET $1
		LIMIT $2
	) AS r
	LIMIT $2
)
