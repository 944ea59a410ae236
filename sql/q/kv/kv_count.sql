-- kv_count: counts the caller's keys that match a pattern, and the keys that were read
-- in:    first text, last text, pattern text
-- out:   keys int8, read int8
-- shape: one
SELECT count(*) FILTER (WHERE key LIKE $3) AS keys, count(*) AS read
FROM {tenant}.kv_store
WHERE key >= $1 AND key <= $2
	AND (expires_at IS NULL OR expires_at > now())
