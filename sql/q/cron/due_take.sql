-- due_take: locks jobs that are due, first those that are due longest
-- in:    now timestamptz, ahead timestamptz, page_size int8
-- out:   user_id uuid, mode text, job_id text, name text, schedule text,
--        timezone text, overlap text, retries int4, catch_up text, grace_s int4?,
--        decided_at timestamptz, beat_at timestamptz?, heard_at timestamptz?,
--        is_suspended bool
-- shape: many
-- db:    live
--
-- Also jobs that were decided later than `ahead`: their next time follows from a clock
-- that was wrong. Each kind is found by an index of its own; the condition at the end,
-- which uses none, is checked again for a row that was locked. Another host passes over
-- those that are locked.
--
-- heard_at is the last heartbeat up to the time at which the job is decided: beat_at may
-- be a later one already.
WITH due AS MATERIALIZED (
	(SELECT d.user_id, d.mode, d.job_id
	FROM io7.cron_due AS d
	JOIN io7.users AS u ON u.id = d.user_id
	WHERE d.next_at <= $1 AND u.status <> 'leaving'
	ORDER BY d.next_at
	LIMIT $3)
	UNION ALL
	(SELECT d.user_id, d.mode, d.job_id
	FROM io7.cron_due AS d
	WHERE d.next_at IS NOT NULL AND d.next_at > $1 AND d.decided_at > $2
	ORDER BY d.decided_at DESC
	LIMIT $3)
	LIMIT $3
)
SELECT d.user_id, d.mode, d.job_id, d.name, d.schedule, d.timezone, d.overlap,
	d.retries, d.catch_up, d.grace_s, d.decided_at, d.beat_at,
	CASE WHEN d.grace_s IS NOT NULL THEN (
		SELECT r.due_at FROM io7.cron_runs AS r
		WHERE r.user_id = d.user_id AND r.mode = d.mode AND r.job_id = d.job_id
			AND r.trigger = 'heartbeat' AND r.status = 'ok'
			AND r.due_at <= d.next_at
		ORDER BY r.due_at DESC LIMIT 1
	) END AS heard_at,
	u.status = 'suspended' AS is_suspended
FROM due
JOIN io7.cron_due AS d
	ON d.user_id = due.user_id AND d.mode = due.mode AND d.job_id = due.job_id
JOIN io7.users AS u ON u.id = d.user_id
WHERE coalesce(d.next_at <= $1 OR d.decided_at > $2, false)
FOR UPDATE OF d SKIP LOCKED
