-- due_refuse: records why a job cannot run
-- in:    user_id uuid, mode text, job_id text, problem text
-- shape: none
-- db:    live
UPDATE io7.cron_due SET problem = $4, next_at = NULL
WHERE user_id = $1 AND mode = $2 AND job_id = $3
