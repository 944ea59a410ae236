-- run_list: lists the runs of a job, newest first, page by page
-- in:    user_id uuid, mode text, job_id text, status text?, before timestamptz?,
--        before_id uuid?, page_size int8
-- out:   run_id uuid, job_id text, job_name text, status text, trigger text,
--        due_at timestamptz, started_at timestamptz?, finished_at timestamptz?,
--        attempt int4, attempts int4, error text?, missed int8
-- shape: many
-- db:    live
SELECT id AS run_id, job_id, job_name, status, trigger, due_at, started_at, finished_at,
	attempt, attempts, error, missed
FROM io7.cron_runs
WHERE user_id = $1 AND mode = $2 AND job_id = $3
	AND ($4::text IS NULL OR status = $4)
	AND (due_at, id) < (coalesce($5::timestamptz, 'infinity'), $6)
ORDER BY due_at DESC, id DESC
LIMIT $7
