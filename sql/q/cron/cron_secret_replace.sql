-- cron_secret_replace: replaces a user's secret; the previous one is kept until
--        previous_until, or dropped if that is NULL
-- in:    user_id uuid, mode text, secret text, created_at timestamptz,
--        previous_until timestamptz?
-- shape: none
-- db:    live
UPDATE io7.cron_secrets
SET secret = $3,
	created_at = $4,
	previous = CASE WHEN $5::timestamptz IS NULL THEN NULL ELSE secret END,
	previous_until = $5
WHERE user_id = $1 AND mode = $2
