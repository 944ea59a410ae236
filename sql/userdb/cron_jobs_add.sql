-- Adds a job, unless its name is taken or there are ?12 jobs.
INSERT INTO cron_jobs (id, user_id, name, schedule, timezone, command, enabled,
	overlap, retries, catch_up, created_at, updated_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11
WHERE NOT EXISTS (SELECT 1 FROM cron_jobs WHERE name = ?3)
	AND (SELECT count(*) FROM cron_jobs) < ?12
