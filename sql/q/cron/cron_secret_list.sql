-- cron_secret_list: lists which users have a webhook secret, page by page
-- in:    after_user uuid, after_mode text, page_size int8
-- out:   user_id uuid, mode text
-- shape: many
-- db:    live
SELECT user_id, mode
FROM io7.cron_secrets
WHERE (user_id, mode) > ($1, $2)
ORDER BY user_id, mode
LIMIT $3
