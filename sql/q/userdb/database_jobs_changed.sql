-- database_jobs_changed: records that the jobs of a database may have changed
-- in:    user_id uuid, mode text
-- shape: none
-- db:    live
UPDATE io7.user_databases SET jobs_changed_at = now()
WHERE user_id = $1 AND mode = $2
