-- cron_secret_get: returns the encrypted secrets of a user in a mode
-- in:    user_id uuid, mode text
-- out:   secret text, previous text?, previous_until timestamptz?,
--        created_at timestamptz
-- shape: maybe-one
-- db:    live
SELECT secret, previous, previous_until, created_at
FROM io7.cron_secrets
WHERE user_id = $1 AND mode = $2
