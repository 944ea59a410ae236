-- run_latest: returns the newest run of each of some jobs
-- in:    user_id uuid, mode text, job_ids text[]
-- out:   run_id uuid, job_id text, job_name text, status text, trigger text,
--        due_at timestamptz, started_at timestamptz?, finished_at timestamptz?,
--        attempt int4, attempts int4, error text?, missed int8
-- shape: many
-- db:    live
SELECT r.id AS run_id, r.job_id, r.job_name, r.status, r.trigger, r.due_at, r.started_at,
	r.finished_at, r.attempt, r.attempts, r.error, r.missed
FROM (SELECT DISTINCT unnest($3::text[]) AS job_id) AS j
CROSS JOIN LATERAL (
	SELECT r.id, r.job_id, r.job_name, r.status, r.trigger, r.due_at, r.started_at,
		r.finished_at, r.attempt, r.attempts, r.error, r.missed
	FROM io7.cron_runs AS r
	WHERE r.user_id = $1 AND r.mode = $2 AND r.job_id = j.job_id
	ORDER BY r.due_at DESC, r.id DESC
	LIMIT 1
) AS r
