-- key_retire: ends a key at once, or at a time
-- in:    user_id uuid, key_id uuid, ends_at timestamptz?
-- shape: none
-- base:  live
--
-- What ends at once is revoked; what lives on expires, but never later than it
-- would have.
UPDATE io7.api_keys
SET revoked_at = CASE WHEN $3::timestamptz IS NULL THEN now() END,
	expires_at = CASE WHEN $3 IS NULL THEN expires_at
		ELSE least(expires_at, $3) END
WHERE user_id = $1 AND id = $2 AND revoked_at IS NULL
