-- due_facts: returns what the index knows of jobs, and their newest runs
-- in:    user_id uuid, mode text, job_ids text[], recent int8
-- out:   job_id text, name text, schedule text, timezone text, command text,
--        enabled bool, overlap text, retries int4, catch_up text,
--        next_at timestamptz?, problem text?, recent text
-- shape: many
-- db:    live
--
-- The newest runs are JSON. The time at which a heartbeat is expected is without its
-- grace.
SELECT d.job_id, d.name, d.schedule, d.timezone, d.command, d.enabled, d.overlap,
	d.retries, d.catch_up,
	d.next_at - make_interval(secs => coalesce(d.grace_s, 0)) AS next_at, d.problem,
	coalesce((SELECT json_agg(json_build_object('status', r.status, 'due_at',
			io7.rfc3339(r.due_at))
			ORDER BY r.due_at DESC, r.id DESC)::text
		FROM (SELECT r.id, r.status, r.due_at
			FROM io7.cron_runs AS r
			WHERE r.user_id = d.user_id AND r.mode = d.mode
				AND r.job_id = d.job_id
			ORDER BY r.due_at DESC, r.id DESC
			LIMIT $4) AS r), '[]') AS recent
FROM io7.cron_due AS d
WHERE d.user_id = $1 AND d.mode = $2 AND d.job_id = ANY ($3::text[])
