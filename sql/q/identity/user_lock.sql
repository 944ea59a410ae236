-- user_lock: locks a user against concurrent changes of the credentials
-- in:    user_id uuid
-- out:   user_id uuid
-- shape: maybe-one
-- db:    live
SELECT id AS user_id FROM io7.users WHERE id = $1 FOR NO KEY UPDATE
