-- session_add: adds a session to a user
-- in:    user_id uuid, hash bytea, kind text, user_agent text, address text?
-- out:   session_id uuid, expires_at timestamptz
-- shape: one
-- db:    live
INSERT INTO io7.sessions (user_id, hash, kind, user_agent, address)
VALUES ($1, $2, $3, left($4, 200), $5::text::inet)
RETURNING id AS session_id, expires_at
