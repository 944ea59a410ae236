-- session_touch: extends a session that is in use by an hour
-- in:    session_id uuid
-- out:   expires_at timestamptz
-- shape: maybe-one
-- db:    live
--
-- No row: another worker extended it within the last minute, or it has ended.
UPDATE io7.sessions SET seen_at = now(),
	expires_at = least(now() + interval '1 hour', ends_at)
WHERE id = $1 AND seen_at < now() - interval '1 minute'
	AND revoked_at IS NULL AND expires_at > now()
RETURNING expires_at
