-- Whether another job than ?1 has the name ?2, and how many jobs there are.
SELECT EXISTS (SELECT 1 FROM cron_jobs
		WHERE name = ?2 AND CAST(id AS TEXT) <> ?1),
	(SELECT count(*) FROM cron_jobs)
