-- cron_job_list: lists jobs with their newest run, by user, mode and name, page by page
-- in:    user_id uuid?, mode text?, job text?, after_user uuid, after_mode text,
--        after_name text, after_id text, page_size int8
-- out:   user_id uuid, user_name text, mode text, job_id text, name text,
--        schedule text, timezone text, command text, enabled bool, overlap text,
--        retries int4, catch_up text, problem text?, next_at timestamptz?,
--        last_status text?, last_at timestamptz?
-- shape: many
-- db:    live
--
-- NULL means any; `job` is an id or a name. Control characters in texts of users are
-- replaced, because the texts are printed on terminals; a command keeps its lines. The
-- time at which a heartbeat is expected is without its grace.
SELECT d.user_id,
	regexp_replace(coalesce(u.github_username, u.auth_sub, '-'),
		'[[:cntrl:]]', '?', 'g') AS user_name,
	d.mode, d.job_id, d.name,
	regexp_replace(d.schedule, '[[:cntrl:]]', '?', 'g') AS schedule,
	regexp_replace(d.timezone, '[[:cntrl:]]', '?', 'g') AS timezone,
	regexp_replace(d.command, '(?![\n\t])[[:cntrl:]]', '?', 'g') AS command,
	d.enabled, d.overlap, d.retries, d.catch_up, d.problem,
	d.next_at - make_interval(secs => coalesce(d.grace_s, 0)) AS next_at,
	r.status AS last_status, r.due_at AS last_at
FROM (
	SELECT d.user_id, d.mode, d.job_id, shown.name, d.schedule, d.timezone,
		d.command, d.enabled, d.overlap, d.retries, d.catch_up, d.problem,
		d.next_at, d.grace_s
	FROM io7.cron_due AS d
	CROSS JOIN LATERAL (
		SELECT regexp_replace(d.name, '[[:cntrl:]]', '?', 'g') AS name
	) AS shown
	WHERE ($1::uuid IS NULL OR d.user_id = $1)
		AND ($2::text IS NULL OR d.mode = $2)
		AND ($3::text IS NULL OR $3 IN (d.job_id, d.name))
		AND (d.user_id, d.mode) >= ($4, $5)
		AND (d.user_id, d.mode, shown.name, d.job_id) > ($4, $5, $6, $7)
	ORDER BY d.user_id, d.mode, shown.name, d.job_id
	LIMIT $8
) AS d
JOIN io7.users AS u ON u.id = d.user_id
LEFT JOIN LATERAL (
	SELECT r.status, r.due_at
	FROM io7.cron_runs AS r
	WHERE r.user_id = d.user_id AND r.mode = d.mode AND r.job_id = d.job_id
	ORDER BY r.due_at DESC, r.id DESC
	LIMIT 1
) AS r ON true
ORDER BY d.user_id, d.mode, d.name, d.job_id
