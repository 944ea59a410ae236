-- kv_version: reads the version of one key of the caller
-- in:    key text
-- out:   version int8
-- shape: maybe-one
SELECT version
FROM {tenant}.kv_store
WHERE key = $1 AND (expires_at IS NULL OR expires_at > now())
