-- Changes what is not NULL of the job ?1, unless another job has its new name.
UPDATE cron_jobs
SET name = coalesce(?2, name), schedule = coalesce(?3, schedule),
	timezone = coalesce(?4, timezone), command = coalesce(?5, command),
	enabled = coalesce(?6, enabled), overlap = coalesce(?7, overlap),
	retries = coalesce(?8, retries), catch_up = coalesce(?9, catch_up),
	updated_at = ?10
WHERE CAST(id AS TEXT) = ?1 AND NOT EXISTS (SELECT 1 FROM cron_jobs AS other
	WHERE other.name = ?2 AND CAST(other.id AS TEXT) <> ?1)
