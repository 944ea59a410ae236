-- due_forget: removes all jobs of a user from the index
-- in:    user_id uuid
-- shape: none
-- db:    live
DELETE FROM io7.cron_due WHERE user_id = $1
