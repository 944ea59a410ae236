-- run_begin: begins an attempt of a run
-- in:    run_id uuid, attempt int4, now timestamptz
-- out:   user_id uuid, mode text, job_id text, was text, is_charged bool,
--        status text, credits_per_day int8, storage_bytes int8, command text?,
--        problem text?
-- shape: maybe-one
-- db:    live
--
-- A run that has ended is not begun again. If an earlier attempt is still running, or
-- was claimed and has not begun, its runner is lost. `was` is the run's status before. There is no command if the job was
-- deleted.
WITH before AS (
	SELECT id, status, failures, attempt, started_at
	FROM io7.cron_runs
	WHERE id = $1
	FOR UPDATE
), begun AS (
	UPDATE io7.cron_runs AS r
	SET status = 'running', attempt = $2, started_at = $3,
		failures = CASE WHEN b.status = 'running' OR $2 > b.attempt + 1
			THEN b.failures || jsonb_build_object('attempt', $2 - 1,
				'started_at', io7.rfc3339(coalesce(
					CASE WHEN b.status = 'running'
					THEN b.started_at END, $3)),
				'finished_at', io7.rfc3339($3),
				'error', 'The runner was lost.')
			ELSE b.failures END
	FROM before AS b
	WHERE r.id = b.id AND b.status IN ('queued', 'running')
)
SELECT r.user_id, r.mode, r.job_id, b.status AS was, r.is_charged, u.status,
	p.credits_per_day, p.storage_bytes, d.command, d.problem
FROM before AS b
JOIN io7.cron_runs AS r ON r.id = b.id
JOIN io7.users AS u ON u.id = r.user_id
JOIN io7.plans AS p ON p.id = u.plan_id
LEFT JOIN io7.cron_due AS d
	ON d.user_id = r.user_id AND d.mode = r.mode AND d.job_id = r.job_id
