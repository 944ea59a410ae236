-- databases_to_compare: lists databases whose jobs may differ from the index
-- in:    host text, age_s int8, page_size int8
-- out:   user_id uuid, mode text, now timestamptz
-- shape: many
-- db:    live
--
-- Those that were changed: at once, and every ten seconds as long as the change may be
-- in an open transaction. Then those that were not compared for so long. Databases at
-- services have no host.
SELECT d.user_id, d.mode, now() AS now
FROM io7.user_databases AS d
JOIN io7.users AS u ON u.id = d.user_id
WHERE d.state = 'ready' AND d.host IN ($1, '') AND u.status <> 'leaving'
	AND ((d.jobs_changed_at IS NOT NULL
			AND (d.jobs_compared_at < d.jobs_changed_at
				OR d.jobs_compared_at < now() - interval '10 seconds'))
		OR d.jobs_compared_at < now() - make_interval(secs => $2::bigint))
ORDER BY d.jobs_changed_at NULLS LAST, d.jobs_compared_at
LIMIT $3
