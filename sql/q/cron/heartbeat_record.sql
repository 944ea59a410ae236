-- heartbeat_record: records a heartbeat of a job
-- in:    user_id uuid, mode text, name text, now timestamptz
-- out:   job_id text, next_at timestamptz?
-- shape: maybe-one
-- db:    live
--
-- next_at is when the next one is expected, without its grace.
WITH job AS (
	UPDATE io7.cron_due SET beat_at = $4
	WHERE user_id = $1 AND mode = $2 AND name = $3 AND grace_s IS NOT NULL
		AND problem IS NULL
	RETURNING job_id, name, next_at - make_interval(secs => grace_s) AS next_at
), run AS (
	INSERT INTO io7.cron_runs (user_id, mode, job_id, job_name, status, trigger,
		due_at, started_at, finished_at, attempt, attempts)
	SELECT $1, $2, job_id, name, 'ok', 'heartbeat', $4, $4, $4, 1, 1
	FROM job
)
SELECT job_id, next_at FROM job
