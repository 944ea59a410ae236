-- session_touch: a session that is in use lasts an hour longer
-- in:    session_id uuid
-- out:   expires_at timestamptz
-- shape: maybe-one
-- base:  live
--
-- None where another worker was quicker, or where it is over by now.
UPDATE io7.sessions SET seen_at = now(),
	expires_at = least(now() + interval '1 hour', ends_at)
WHERE id = $1 AND seen_at < now() - interval '1 minute'
	AND revoked_at IS NULL AND expires_at > now()
RETURNING expires_at
