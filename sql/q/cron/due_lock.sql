-- due_lock: locks a job, and counts its runs that have not ended
-- in:    user_id uuid, mode text, job_id text
-- out:   name text, overlap text, retries int4, is_heartbeat bool, problem text?,
--        active int8, waiting int8
-- shape: maybe-one
-- db:    live
SELECT d.name, d.overlap, d.retries, d.grace_s IS NOT NULL AS is_heartbeat, d.problem,
	r.active, r.waiting
FROM io7.cron_due AS d
CROSS JOIN LATERAL (
	SELECT count(*) AS active, count(*) FILTER (WHERE r.work_id IS NULL) AS waiting
	FROM io7.cron_runs AS r
	WHERE r.user_id = d.user_id AND r.mode = d.mode AND r.job_id = d.job_id
		AND r.status IN ('queued', 'running')
) AS r
WHERE d.user_id = $1 AND d.mode = $2 AND d.job_id = $3
FOR UPDATE OF d
