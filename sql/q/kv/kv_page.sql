-- kv_page: keys of the caller in byte order, perhaps with their values
-- in:    first text, last text, pattern text, with_values bool,
--        values_max int8, page_size int8
-- out:   key text, version int8, bytes int4, expires_at timestamptz?,
--        updated_at timestamptz, value jsonb?
-- shape: many
--
-- The values of a page have values_max bytes together, or it is the first alone;
-- those behind are NULL, and not read.
--
-- first and last are all that an index can use of the pattern. The rest is in a
-- CASE, as the planner would take the same for one condition more, expect few
-- rows, and rather read and sort all that there are.
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
