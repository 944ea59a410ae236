-- user_add_local: creates a local user unless one of that name exists
-- in:    name text, plan_id text
-- shape: none
-- db:    live
INSERT INTO io7.users (auth_iss, auth_sub, plan_id)
VALUES ('io7', $1, $2)
ON CONFLICT (auth_iss, auth_sub) DO NOTHING
