-- user_add_by_token: creates the user of a JWT unless one exists
-- in:    issuer text, subject text, email text?
-- out:   user_id uuid
-- shape: maybe-one
-- db:    live
--
-- Users are identified by issuer and subject, never by e-mail.
INSERT INTO io7.users (auth_iss, auth_sub, auth_email, last_login_at)
VALUES ($1, $2, nullif($3, ''), now())
ON CONFLICT (auth_iss, auth_sub) DO NOTHING
RETURNING id AS user_id
