-- due_take: locks jobs that are due, first those that are due longest
-- in:    now timestamptz, ahead timestamptz, page_size int8
-- out:   user_id uuid, mode text, job_id text, name text, schedule text,
--        timezone text, overlap text, retries int4, catch_up text, grace_s int4?,
--        decided_at timestamptz, beat_at timestamptz?, is_suspended bool,
--        active int8, waiting int8
-- shape: many
-- db:    live
--
-- Also jobs that were decided later than `ahead`: their next time follows from a clock
-- that was wrong. Another host passes over those that are locked.
SELECT d.user_id, d.mode, d.job_id, d.name, d.schedule, d.timezone, d.overlap,
	d.retries, d.catch_up, d.grace_s, d.decided_at, d.beat_at,
	u.status = 'suspended' AS is_suspended, r.active, r.waiting
FROM io7.cron_due AS d
JOIN io7.users AS u ON u.id = d.user_id
CROSS JOIN LATERAL (
	SELECT count(*) AS active, count(*) FILTER (WHERE r.work_id IS NULL) AS waiting
	FROM io7.cron_runs AS r
	WHERE r.user_id = d.user_id AND r.mode = d.mode AND r.job_id = d.job_id
		AND r.status IN ('queued', 'running')
) AS r
WHERE d.next_at IS NOT NULL AND (d.next_at <= $1 OR d.decided_at > $2)
	AND u.status <> 'leaving'
ORDER BY d.next_at
LIMIT $3
FOR UPDATE OF d SKIP LOCKED
