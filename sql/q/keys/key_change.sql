-- key_change: changes the label, state, expiry or scopes of a key
-- in:    user_id uuid, key_id uuid, label text?, enabled bool?,
--        expires_at timestamptz?, scopes text[]
-- shape: none
-- db:    live
--
-- NULL, and an empty list of scopes, leave the old value.
UPDATE io7.api_keys
SET label = coalesce($3, label), enabled = coalesce($4, enabled),
	expires_at = coalesce($5, expires_at),
	scopes = CASE WHEN cardinality($6::text[]) = 0 THEN scopes ELSE $6 END
WHERE user_id = $1 AND id = $2 AND revoked_at IS NULL
