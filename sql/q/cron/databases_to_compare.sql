-- databases_to_compare: lists databases whose jobs may differ from the index
-- in:    host text, age_s int8, page_size int8
-- out:   user_id uuid, mode text
-- shape: many
-- db:    live
--
-- Those that were changed: at once, and again as long as the change may be in an open
-- transaction, after ten seconds at first. A database that cannot be read for long is
-- tried less and less often. Then those that were not compared for so long. The one
-- that was compared last comes last, so that slow databases delay no others for long.
-- Databases at services have no host. Those whose comparison is queued are left out.
SELECT d.user_id, d.mode
FROM io7.user_databases AS d
JOIN io7.users AS u ON u.id = d.user_id
WHERE d.state = 'ready' AND d.host IN ($1, '') AND u.status <> 'leaving'
	AND ((d.jobs_changed_at IS NOT NULL
			AND (d.jobs_compared_at < d.jobs_changed_at
				OR d.jobs_compared_at < now() - greatest(
					interval '10 seconds',
					(d.jobs_compared_at - d.jobs_changed_at) / 2)))
		OR d.jobs_compared_at < now() - make_interval(secs => $2::bigint))
	AND NOT EXISTS (SELECT FROM io7.work AS w
		WHERE w.kind = 'cron.compare' AND w.key = d.user_id || '/' || d.mode
			AND w.finished_at IS NULL)
ORDER BY d.jobs_changed_at IS NULL, d.jobs_compared_at
LIMIT $3
