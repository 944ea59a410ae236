-- user_local: the operator's own user of that name
-- in:    name text
-- out:   user_id uuid
-- shape: maybe-one
-- base:  live
SELECT id AS user_id FROM io7.users WHERE (auth_iss, auth_sub) = ('io7', $1)
