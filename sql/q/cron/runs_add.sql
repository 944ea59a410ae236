-- runs_add: adds runs, and records of times without one
-- in:    users uuid[], modes text[], job_ids text[], names text[], statuses text[],
--        triggers text[], due_ats timestamptz[], attempts int4[], errors text[],
--        missed int8[], now timestamptz
-- out:   run_id uuid, user_id uuid, mode text, job_id text, due_at timestamptz
-- shape: many
-- db:    live
--
-- Returns those that are queued. A scheduled time that has a row gets no second one. An
-- error of '' is NULL.
WITH added AS (
	INSERT INTO io7.cron_runs (user_id, mode, job_id, job_name, status, trigger,
		due_at, attempts, error, missed, finished_at)
	SELECT r.user_id, r.mode, r.job_id, r.name, r.status, r.trigger, r.due_at,
		r.attempts, nullif(r.error, ''), r.missed,
		CASE WHEN r.status <> 'queued' THEN $11::timestamptz END
	FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],
		$6::text[], $7::timestamptz[], $8::int[], $9::text[], $10::bigint[])
		AS r (user_id, mode, job_id, name, status, trigger, due_at, attempts,
			error, missed)
	ON CONFLICT DO NOTHING
	RETURNING id, user_id, mode, job_id, due_at, status
)
SELECT id AS run_id, user_id, mode, job_id, due_at
FROM added
WHERE status = 'queued'
ORDER BY due_at
