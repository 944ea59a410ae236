-- cron_secret_add: stores the first secret of a user in a mode, encrypted
-- in:    user_id uuid, mode text, secret text, created_at timestamptz
-- shape: none
-- db:    live
INSERT INTO io7.cron_secrets (user_id, mode, secret, created_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (user_id, mode) DO NOTHING
