-- signup_finish: notes that the last step of a signup was done
-- in:    user_id uuid
-- shape: none
-- base:  live
UPDATE io7.users SET ready_at = now() WHERE id = $1 AND ready_at IS NULL
