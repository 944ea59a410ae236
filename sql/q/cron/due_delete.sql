-- due_delete: removes a job from the index
-- in:    user_id uuid, mode text, job_id text
-- shape: none
-- db:    live
DELETE FROM io7.cron_due WHERE user_id = $1 AND mode = $2 AND job_id = $3
