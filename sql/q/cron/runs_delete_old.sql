-- runs_delete_old: deletes a batch of runs that ended before a time
-- in:    before timestamptz, batch_size int8
-- shape: none
-- db:    live
--
-- Not by the scheduled time: after a long outage, a row that was just added may stand
-- for times that are long past.
DELETE FROM io7.cron_runs WHERE id IN (
	SELECT id FROM io7.cron_runs
	WHERE finished_at < $1
	ORDER BY finished_at
	LIMIT $2
)
