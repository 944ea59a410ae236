-- runs_add: adds runs, and records of times without one
-- in:    users uuid[], modes text[], job_ids text[], names text[], statuses text[],
--        triggers text[], due_ats timestamptz[], attempts int4[], errors text[],
--        missed int8[], waits bool[], now timestamptz
-- out:   run_id uuid, user_id uuid, mode text, attempts int4, waits bool
-- shape: many
-- db:    live
--
-- Returns those that are queued. A scheduled time that has a row gets no second one. An
-- error of '' is NULL. A run that does not wait needs an item of the queue.
WITH added AS (
	INSERT INTO io7.cron_runs (user_id, mode, job_id, job_name, status, trigger,
		due_at, attempts, error, missed, finished_at, work_id)
	SELECT r.user_id, r.mode, r.job_id, r.name, r.status, r.trigger, r.due_at,
		r.attempts, nullif(r.error, ''), r.missed,
		CASE WHEN r.status <> 'queued' THEN $12::timestamptz END,
		CASE WHEN r.status = 'queued' AND NOT r.waits THEN 0 END
	FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],
		$6::text[], $7::timestamptz[], $8::int[], $9::text[], $10::bigint[],
		$11::bool[]) AS r (user_id, mode, job_id, name, status, trigger, due_at,
			attempts, error, missed, waits)
	ON CONFLICT DO NOTHING
	RETURNING id, user_id, mode, attempts, work_id IS NULL AS waits, status, due_at
)
SELECT id AS run_id, user_id, mode, attempts, waits
FROM added
WHERE status = 'queued'
ORDER BY due_at
