-- runs_lost: ends runs whose item of the queue is gone
-- in:    now timestamptz, before timestamptz
-- shape: none
-- db:    live
--
-- An operator has dropped the item, or its end was not recorded here.
UPDATE io7.cron_runs AS r
SET status = 'failed', finished_at = $1, error = 'The runner was lost.'
WHERE r.status IN ('queued', 'running') AND r.work_id IS NOT NULL AND r.due_at < $2
	AND NOT EXISTS (
		SELECT FROM io7.work AS w
		WHERE w.id = r.work_id AND w.state IN ('waiting', 'ready', 'running')
	)
