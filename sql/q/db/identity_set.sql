-- identity_set: sets the user that row-level security compares with, for this
--        transaction
-- in:    user_id uuid
-- out:   identity text
-- shape: one
-- db:    both
SELECT set_config('io7.user_id', $1::uuid::text, true) AS identity
