-- job_named: returns the job of a name, if there are several one that can run
-- in:    user_id uuid, mode text, name text
-- out:   problem text?
-- shape: maybe-one
-- db:    live
SELECT problem
FROM io7.cron_due
WHERE user_id = $1 AND mode = $2 AND name = $3
ORDER BY problem IS NOT NULL
LIMIT 1
