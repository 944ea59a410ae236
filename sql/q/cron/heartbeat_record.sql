-- heartbeat_record: records a heartbeat of a job
-- in:    user_id uuid, mode text, name text, now timestamptz
-- out:   job_id text, schedule text, timezone text, enabled bool
-- shape: maybe-one
-- db:    live
WITH job AS (
	UPDATE io7.cron_due SET beat_at = $4
	WHERE user_id = $1 AND mode = $2 AND name = $3 AND grace_s IS NOT NULL
		AND problem IS NULL
	RETURNING job_id, name, schedule, timezone, enabled
), run AS (
	INSERT INTO io7.cron_runs (user_id, mode, job_id, job_name, status, trigger,
		due_at, started_at, finished_at, attempt, attempts)
	SELECT $1, $2, job_id, name, 'ok', 'heartbeat', $4, $4, $4, 1, 1
	FROM job
)
SELECT job_id, schedule, timezone, enabled FROM job
