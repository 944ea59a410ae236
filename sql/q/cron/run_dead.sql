-- run_dead: ends a run that failed for good without recording it
-- in:    run_id uuid, now timestamptz, error text
-- out:   user_id uuid, mode text, job_id text
-- shape: maybe-one
-- db:    live
UPDATE io7.cron_runs SET status = 'failed', finished_at = $2, error = $3
WHERE id = $1 AND status IN ('queued', 'running')
RETURNING user_id, mode, job_id
