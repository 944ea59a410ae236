-- kv_get: reads one value of the caller's store
-- in:    key text
-- out:   value jsonb, version int8, expires_at timestamptz?,
--        updated_at timestamptz
-- shape: maybe-one
SELECT value, version, expires_at, updated_at
FROM {tenant}.kv_store
WHERE key = $1 AND (expires_at IS NULL OR expires_at > now())
