-- due_lock: locks a job
-- in:    user_id uuid, mode text, job_id text
-- out:   name text, overlap text, retries int4, is_heartbeat bool, problem text?
-- shape: maybe-one
-- db:    live
SELECT name, overlap, retries, grace_s IS NOT NULL AS is_heartbeat, problem
FROM io7.cron_due
WHERE user_id = $1 AND mode = $2 AND job_id = $3
FOR UPDATE
