-- signup_finish: records that the last step of a signup is done
-- in:    user_id uuid
-- shape: none
-- db:    live
UPDATE io7.users SET ready_at = now() WHERE id = $1 AND ready_at IS NULL
