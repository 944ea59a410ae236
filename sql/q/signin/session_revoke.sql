-- session_revoke: revokes an active session of a user
-- in:    user_id uuid, session_id uuid
-- out:   hash bytea
-- shape: maybe-one
-- db:    live
UPDATE io7.sessions SET revoked_at = now()
WHERE user_id = $1 AND id = $2 AND revoked_at IS NULL AND expires_at > now()
RETURNING hash
