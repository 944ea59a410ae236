-- cron_database_bytes: returns the size of a user's database as last recorded
-- in:    user_id uuid, mode text
-- out:   bytes int8
-- shape: maybe-one
-- db:    live
SELECT storage_used_bytes AS bytes
FROM io7.user_databases
WHERE user_id = $1 AND mode = $2
