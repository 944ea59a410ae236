-- kv_delete: deletes one key of the caller
-- in:    key text, if_match int8[], if_none_match int8[],
--        changed_before timestamptz?, counter int4
-- out:   version int8?, deleted bool
-- shape: one
--
-- The version is the one that the key had, if it existed. For the counter see kv_set.
WITH slot AS (
	-- Only where there are no counters yet. It is locked before the row.
	SELECT slot
	FROM {tenant}.kv_slot
	WHERE slot = hashtext($1) & 15
		AND NOT EXISTS (SELECT FROM {tenant}.kv_slot WHERE slot = $5)
	FOR NO KEY UPDATE
), gone AS (
	DELETE FROM {tenant}.kv_store AS s
	WHERE s.key = $1 AND (SELECT count(*) FROM slot) >= 0
		AND (s.expires_at IS NULL OR s.expires_at > now())
		AND io7.version_fits(s.version, $2, $3)
		AND ($4::timestamptz IS NULL OR s.updated_at < $4)
	RETURNING s.bytes
), counted AS (
	UPDATE {tenant}.kv_slot AS s
	SET bytes = s.bytes - gone.bytes
	FROM gone WHERE s.slot = coalesce((SELECT slot FROM slot), $5)
)
SELECT
	(
		SELECT version FROM {tenant}.kv_store
		WHERE key = $1 AND (expires_at IS NULL OR expires_at > now())
	) AS version,
	EXISTS (SELECT FROM gone) AS deleted
