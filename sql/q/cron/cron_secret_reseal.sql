-- cron_secret_reseal: replaces secrets by the same ones under a newer key, unless
--        they were rotated since
-- in:    user_id uuid, mode text, was text, secret text, previous text?
-- shape: none
-- db:    live
UPDATE io7.cron_secrets
SET secret = $4, previous = $5
WHERE user_id = $1 AND mode = $2 AND secret = $3
