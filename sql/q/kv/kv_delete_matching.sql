-- kv_delete_matching: deletes a batch of the caller's keys that match a pattern
-- in:    first text, last text, pattern text, batch_size int8
-- out:   removed int8, last_key text?
-- shape: one
--
-- The next batch starts after last_key; NULL means that nothing is left.
-- Expired keys are deleted too, but not counted. For the pattern see kv_page.
WITH picked AS (
	SELECT key
	FROM {tenant}.kv_store
	WHERE key >= $1 AND key <= $2
		AND CASE WHEN key LIKE $3 THEN true END
	ORDER BY key
	LIMIT $4
), locked AS (
	SELECT slot
	FROM {tenant}.kv_slot
	WHERE slot < 16 AND EXISTS (SELECT FROM picked)
	ORDER BY slot
	FOR NO KEY UPDATE
), gone AS (
	-- Delete nothing before all slots are locked.
	DELETE FROM {tenant}.kv_store AS s
	USING (SELECT count(*) AS slots FROM locked) AS l
	WHERE l.slots > 0 AND s.key IN (SELECT key FROM picked)
	RETURNING s.key, s.bytes, s.expires_at
), counted AS (
	UPDATE {tenant}.kv_slot AS s
	SET bytes = s.bytes - freed.bytes
	FROM (
		SELECT hashtext(key) & 15 AS slot, sum(bytes)::int8 AS bytes
		FROM gone GROUP BY 1
	) AS freed
	WHERE s.slot = freed.slot
)
SELECT
	(SELECT count(*) FROM gone
		WHERE expires_at IS NULL OR expires_at > now()) AS removed,
	(SELECT max(key) FROM picked) AS last_key
