-- user_find_local: finds the local user of a name
-- in:    name text
-- out:   user_id uuid
-- shape: maybe-one
-- db:    live
SELECT id AS user_id FROM io7.users WHERE (auth_iss, auth_sub) = ('io7', $1)
