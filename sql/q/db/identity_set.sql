-- identity_set: tells row-level security for whom this transaction acts
-- in:    user_id uuid
-- out:   identity text
-- shape: one
-- base:  both
SELECT set_config('io7.user_id', $1::uuid::text, true) AS identity
