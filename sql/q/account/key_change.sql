-- key_change: another label for a key, or whether it is enabled
-- in:    user_id uuid, key_id uuid, label text?, enabled bool?
-- shape: none
-- base:  live
UPDATE io7.api_keys
SET label = coalesce($3, label), enabled = coalesce($4, enabled)
WHERE user_id = $1 AND id = $2 AND revoked_at IS NULL
