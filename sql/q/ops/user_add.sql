-- user_add: an operator's own user; one who is there stays the same
-- in:    name text, plan_id text
-- shape: none
-- base:  live
INSERT INTO io7.users (auth_iss, auth_sub, plan_id)
VALUES ('io7', $1, $2)
ON CONFLICT (auth_iss, auth_sub) DO NOTHING
