-- kv_sweep: deletes a batch of expired keys and returns the store's size
-- in:    batch_size int8
-- out:   removed int8, bytes int8
-- shape: one
--
-- A key that was rewritten meanwhile stays.
WITH picked AS (
	SELECT key
	FROM {tenant}.kv_store
	WHERE expires_at <= now()
	ORDER BY expires_at
	LIMIT $1
), locked AS (
	SELECT slot
	FROM {tenant}.kv_slot
	WHERE slot < 16 AND EXISTS (SELECT FROM picked)
	ORDER BY slot
	FOR NO KEY UPDATE
), gone AS (
	DELETE FROM {tenant}.kv_store AS s
	USING (SELECT count(*) AS slots FROM locked) AS l
	WHERE l.slots > 0 AND s.key IN (SELECT key FROM picked)
		AND s.expires_at <= now()
	RETURNING s.key, s.bytes
), freed AS (
	SELECT hashtext(key) & 15 AS slot, count(*) AS keys,
		sum(bytes)::int8 AS bytes
	FROM gone GROUP BY 1
), counted AS (
	UPDATE {tenant}.kv_slot AS s
	SET bytes = s.bytes - freed.bytes
	FROM freed WHERE s.slot = freed.slot
)
SELECT
	coalesce((SELECT sum(keys) FROM freed), 0)::int8 AS removed,
	(SELECT sum(bytes) FROM {tenant}.kv_slot)::int8
		- coalesce((SELECT sum(bytes) FROM freed), 0)::int8 AS bytes
