-- user_hold: makes others wait who want to add to what this user comes in by
-- in:    user_id uuid
-- out:   user_id uuid
-- shape: maybe-one
-- base:  live
SELECT id AS user_id FROM io7.users WHERE id = $1 FOR NO KEY UPDATE
