-- cron_secret_reseal: replaces secrets by the same ones under a newer key, unless
--        they were rotated since; a previous one that is NULL is dropped
-- in:    user_id uuid, mode text, was text, secret text, previous text?
-- shape: none
-- db:    live
UPDATE io7.cron_secrets
SET secret = $4,
	previous = $5,
	previous_until = CASE WHEN $5::text IS NOT NULL THEN previous_until END
WHERE user_id = $1 AND mode = $2 AND secret = $3
