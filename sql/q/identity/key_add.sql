-- key_add: adds a key to a user
-- in:    user_id uuid, hash bytea, prefix text, last4 text, label text,
--        mode text, scopes text[], expires_at timestamptz?, rotated_from uuid?
-- out:   key_id uuid, created_at timestamptz
-- shape: one
-- db:    live
INSERT INTO io7.api_keys (user_id, hash, prefix, last4, label, mode, scopes,
	expires_at, rotated_from)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
RETURNING id AS key_id, created_at
