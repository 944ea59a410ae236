-- user_by_token: makes the user of a token, unless there is one already
-- in:    issuer text, subject text, email text?
-- out:   user_id uuid
-- shape: maybe-one
-- base:  live
--
-- By issuer and subject alone: the same e-mail elsewhere is somebody else.
INSERT INTO io7.users (auth_iss, auth_sub, auth_email, last_login_at)
VALUES ($1, $2, nullif($3, ''), now())
ON CONFLICT (auth_iss, auth_sub) DO NOTHING
RETURNING id AS user_id
