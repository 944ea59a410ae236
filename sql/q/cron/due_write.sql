-- due_write: writes jobs of a user to the index
-- in:    user_id uuid, mode text, job_ids text[], names text[], schedules text[],
--        timezones text[], commands text[], enabled bool[], overlaps text[],
--        retries int4[], catch_ups text[], grace int4[], problems text[],
--        next timestamptz[], now timestamptz
-- shape: none
-- db:    live
--
-- What is due stays due, unless the times of the job have changed. A grace of -1 and a
-- problem of '' are NULL; so is the next time of a job that is disabled or has a
-- problem. A next time that differs although nothing has changed follows from new
-- rules of the time zone.
INSERT INTO io7.cron_due AS d (user_id, mode, job_id, name, schedule, timezone, command,
	enabled, overlap, retries, catch_up, grace_s, problem, decided_at, next_at)
SELECT DISTINCT ON (j.job_id) $1, $2, j.job_id, j.name, j.schedule, j.timezone, j.command, j.enabled,
	j.overlap, j.retries, j.catch_up, nullif(j.grace_s, -1), nullif(j.problem, ''),
	$15::timestamptz, CASE WHEN j.enabled AND j.problem = '' THEN nullif(j.next_at, 'epoch') END
FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bool[],
	$9::text[], $10::int[], $11::text[], $12::int[], $13::text[],
	$14::timestamptz[]) AS j (job_id, name, schedule, timezone, command, enabled,
	overlap, retries, catch_up, grace_s, problem, next_at)
ORDER BY j.job_id
ON CONFLICT (user_id, mode, job_id) DO UPDATE SET
	name = excluded.name,
	schedule = excluded.schedule,
	timezone = excluded.timezone,
	command = excluded.command,
	enabled = excluded.enabled,
	overlap = excluded.overlap,
	retries = excluded.retries,
	catch_up = excluded.catch_up,
	grace_s = excluded.grace_s,
	problem = excluded.problem,
	decided_at = CASE
		WHEN (d.schedule, d.timezone, d.enabled, d.grace_s, d.problem)
			IS DISTINCT FROM (excluded.schedule, excluded.timezone,
				excluded.enabled, excluded.grace_s, excluded.problem)
		THEN excluded.decided_at ELSE d.decided_at END,
	next_at = CASE
		WHEN (d.schedule, d.timezone, d.enabled, d.grace_s, d.problem)
			IS DISTINCT FROM (excluded.schedule, excluded.timezone,
				excluded.enabled, excluded.grace_s, excluded.problem)
			OR (d.grace_s IS NULL AND d.next_at > excluded.decided_at
				AND d.decided_at <= excluded.decided_at)
		THEN excluded.next_at ELSE d.next_at END
WHERE (d.name, d.schedule, d.timezone, d.command, d.enabled, d.overlap, d.retries,
		d.catch_up, d.grace_s, d.problem)
	IS DISTINCT FROM (excluded.name, excluded.schedule, excluded.timezone,
		excluded.command, excluded.enabled, excluded.overlap, excluded.retries,
		excluded.catch_up, excluded.grace_s, excluded.problem)
	OR (d.grace_s IS NULL AND d.next_at > excluded.decided_at
		AND d.decided_at <= excluded.decided_at
		AND d.next_at <> excluded.next_at)
