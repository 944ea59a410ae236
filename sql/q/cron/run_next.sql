-- run_next: locks runs that have waited for an earlier run, which has ended
-- in:    user_id uuid?, mode text?, job_id text?, page_size int8
-- out:   run_id uuid, user_id uuid, mode text, attempts int4
-- shape: many
-- db:    live
--
-- Of one job, or of all: the oldest run of each. A job with many runs that wait costs a
-- look at the index, like a job with one.
WITH RECURSIVE jobs AS (
	(SELECT r.user_id, r.mode, r.job_id
	FROM io7.cron_runs AS r
	WHERE r.status = 'queued' AND r.work_id IS NULL AND $1::uuid IS NULL
	ORDER BY r.user_id, r.mode, r.job_id
	LIMIT 1)
	UNION ALL
	SELECT n.user_id, n.mode, n.job_id
	FROM jobs AS j
	CROSS JOIN LATERAL (
		SELECT r.user_id, r.mode, r.job_id
		FROM io7.cron_runs AS r
		WHERE r.status = 'queued' AND r.work_id IS NULL
			AND (r.user_id, r.mode, r.job_id) > (j.user_id, j.mode, j.job_id)
		ORDER BY r.user_id, r.mode, r.job_id
		LIMIT 1
	) AS n
)
SELECT id AS run_id, user_id, mode, attempts
FROM io7.cron_runs
WHERE status = 'queued' AND work_id IS NULL AND id = ANY (ARRAY(
	SELECT n.id
	FROM (
		SELECT user_id, mode, job_id FROM jobs
		UNION ALL
		SELECT $1, $2, $3 WHERE $1 IS NOT NULL
	) AS j
	CROSS JOIN LATERAL (
		SELECT r.id
		FROM io7.cron_runs AS r
		WHERE r.user_id = j.user_id AND r.mode = j.mode AND r.job_id = j.job_id
			AND r.status = 'queued' AND r.work_id IS NULL
		ORDER BY r.due_at, r.id
		LIMIT 1
	) AS n
	WHERE (
		SELECT e.id
		FROM io7.cron_runs AS e
		WHERE e.user_id = j.user_id AND e.mode = j.mode AND e.job_id = j.job_id
			AND e.status IN ('queued', 'running') AND e.work_id IS NOT NULL
		LIMIT 1
	) IS NULL
	LIMIT $4
))
FOR UPDATE SKIP LOCKED
