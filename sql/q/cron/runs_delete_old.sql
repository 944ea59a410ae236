-- runs_delete_old: deletes a batch of runs that are older than a time
-- in:    before timestamptz, batch_size int8
-- shape: none
-- db:    live
--
-- Runs that have not ended stay.
DELETE FROM io7.cron_runs WHERE id IN (
	SELECT id FROM io7.cron_runs
	WHERE due_at < $1 AND status NOT IN ('queued', 'running')
	ORDER BY due_at
	LIMIT $2
)
