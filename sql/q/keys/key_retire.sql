-- key_retire: revokes a key immediately, or sets when it expires
-- in:    user_id uuid, key_id uuid, ends_at timestamptz?
-- shape: none
-- db:    live
--
-- Never extends a key: an earlier expiry stays.
UPDATE io7.api_keys
SET revoked_at = CASE WHEN $3::timestamptz IS NULL THEN now() END,
	expires_at = CASE WHEN $3 IS NULL THEN expires_at
		ELSE least(expires_at, $3) END
WHERE user_id = $1 AND id = $2 AND revoked_at IS NULL
