-- run_next: locks runs that have waited for an earlier run, which has ended
-- in:    user_id uuid?, mode text?, job_id text?, page_size int8
-- out:   run_id uuid, user_id uuid, mode text, attempts int4
-- shape: many
-- db:    live
--
-- Of one job, or of all: the oldest run of each.
SELECT r.id AS run_id, r.user_id, r.mode, r.attempts
FROM io7.cron_runs AS r
WHERE r.status = 'queued' AND r.work_id IS NULL
	AND ($1::uuid IS NULL OR (r.user_id, r.mode, r.job_id) = ($1, $2, $3))
	AND NOT EXISTS (
		SELECT FROM io7.cron_runs AS e
		WHERE e.user_id = r.user_id AND e.mode = r.mode AND e.job_id = r.job_id
			AND e.status IN ('queued', 'running')
			AND (e.work_id IS NOT NULL OR (e.due_at, e.id) < (r.due_at, r.id))
	)
LIMIT $4
FOR UPDATE OF r SKIP LOCKED
