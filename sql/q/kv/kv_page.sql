-- kv_page: lists the caller's keys in byte order, with values if requested
-- in:    first text, last text, pattern text, with_values bool,
--        values_max int8, page_size int8
-- out:   key text, version int8, bytes int4, expires_at timestamptz?,
--        updated_at timestamptz, value jsonb?
-- shape: many
--
-- Returns values until values_max bytes are reached, and at least the first
-- one. The other values are NULL and are not read.
--
-- first and last are the part of the pattern that an index can use. The rest
-- is inside CASE, or else the planner would expect few rows and sort the whole
-- store.
SELECT key, version, bytes, expires_at, updated_at,
	CASE WHEN $4 AND (total <= $5 OR total = bytes) THEN value END AS value
FROM (
	SELECT key, version, bytes, expires_at, updated_at, value, sum(bytes) OVER (
		ORDER BY key ROWS UNBOUNDED PRECEDING) AS total
	FROM (
		SELECT key, version, bytes, expires_at, updated_at, value
		FROM {tenant}.kv_store
		WHERE key >= $1 AND key <= $2
			AND CASE WHEN key LIKE $3 AND (expires_at IS NULL
				OR expires_at > now()) THEN true END
		ORDER BY key
		LIMIT $6
	) AS page
) AS counted
ORDER BY key
