-- Deletes the job ?1.
DELETE FROM cron_jobs WHERE CAST(id AS TEXT) = ?1
