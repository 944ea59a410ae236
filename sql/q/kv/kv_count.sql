-- kv_count: counts the caller's keys that match a pattern
-- in:    first text, last text, pattern text
-- out:   keys int8
-- shape: one
SELECT count(*) AS keys
FROM {tenant}.kv_store
WHERE key >= $1 AND key <= $2 AND key LIKE $3
	AND (expires_at IS NULL OR expires_at > now())
