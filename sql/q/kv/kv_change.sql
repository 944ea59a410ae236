-- kv_change: patches or increments a value in place
-- in:    key text, how text, argument jsonb, ttl_s int8?, if_match int8[],
--        if_none_match int8[], changed_before timestamptz?, row_max int8,
--        store_max int8, counter int4
-- out:   holds bool, version int8?, created bool?, expires_at timestamptz?,
--        number jsonb?
-- shape: one
--
-- `how` is merge, patch or incr; for incr, `number` is the new number. Without
-- ttl_s a key keeps its expiry.
--
-- If a condition does not hold, version is the current one, if the key exists;
-- changed_before is a condition only if it does. If the conditions hold and there
-- is no version, a concurrent transaction wrote or deleted the key, which this
-- statement's snapshot does not show. Run it again.
--
-- For the slot, the counter and versions see kv_set.
WITH slot AS (
	SELECT slot, version + 1 AS next
	FROM {tenant}.kv_slot
	WHERE slot = hashtext($1) & 15
		AND (version <= coalesce((SELECT version
				FROM {tenant}.kv_store WHERE key = $1), version)
			OR NOT EXISTS (SELECT FROM {tenant}.kv_slot WHERE slot = $10))
	FOR NO KEY UPDATE
), stored AS (
	-- After the slot is locked.
	SELECT s.value, s.version, s.expires_at, s.updated_at
	FROM {tenant}.kv_store AS s
	WHERE s.key = $1 AND (SELECT count(*) FROM slot) >= 0
	FOR NO KEY UPDATE OF s
), live AS (
	SELECT value, version, expires_at, updated_at
	FROM stored WHERE expires_at IS NULL OR expires_at > statement_timestamp()
), next AS MATERIALIZED (
	SELECT true AS holds,
		CASE WHEN EXISTS (SELECT FROM stored)
			THEN (SELECT version + 1 FROM stored
				WHERE EXISTS (SELECT FROM slot)
					OR version < (SELECT version
						FROM {tenant}.kv_slot
						WHERE slot = hashtext($1) & 15))
			ELSE (SELECT next FROM slot) END AS version,
		CASE $2
			WHEN 'merge' THEN io7.merge_patch(live.value, $3)
			WHEN 'patch' THEN io7.json_patch(live.value, $3)
			ELSE io7.json_increment(live.value,
				io7.json_pointer(coalesce($3 ->> 'path', '')),
				coalesce(($3 ->> 'by')::numeric, 1))
		END AS value,
		CASE WHEN $4::int8 IS NULL THEN live.expires_at
			ELSE statement_timestamp()
				+ $4::int8 * interval '1 second' END AS expires_at
	FROM (SELECT) AS once LEFT JOIN live ON true
	WHERE io7.version_fits(live.version, $5, $6)
		AND ($7::timestamptz IS NULL OR live.updated_at IS NULL
			OR live.updated_at < $7)
), put AS (
	INSERT INTO {tenant}.kv_store AS old
		(key, value, version, expires_at, created_at, updated_at)
	SELECT $1, value, version, expires_at,
		statement_timestamp(), statement_timestamp()
	FROM next WHERE version > 0
	ON CONFLICT (key) DO UPDATE SET
		value = excluded.value,
		version = excluded.version,
		replaced_bytes = CASE WHEN old.expires_at <= excluded.updated_at
			THEN -old.bytes ELSE old.bytes END,
		expires_at = excluded.expires_at,
		created_at = CASE WHEN old.expires_at <= excluded.updated_at
			THEN excluded.created_at ELSE old.created_at END,
		updated_at = excluded.updated_at
	WHERE EXISTS (SELECT FROM stored)
	RETURNING version, replaced_bytes <= 0 AS created, expires_at, bytes,
		abs(replaced_bytes) AS replaced
), counted AS (
	-- Sum up the slots only if the store grows.
	UPDATE {tenant}.kv_slot AS s
	SET version = CASE WHEN s.slot = $10 OR s.version >= put.version
			THEN s.version ELSE put.version + 31 END,
		bytes = s.bytes + CASE WHEN put.bytes <= put.replaced
			THEN put.bytes - put.replaced
			ELSE io7.growth(put.bytes, put.replaced, $8,
				(SELECT sum(bytes) FROM {tenant}.kv_slot)::int8,
				$9) END
	FROM put
	WHERE s.slot = coalesce((SELECT slot FROM slot), $10)
		AND (s.slot <> $10 OR put.bytes <> put.replaced)
)
SELECT next.holds IS NOT NULL AS holds,
	CASE WHEN next.holds IS NULL THEN live.version ELSE put.version END
		AS version,
	created, put.expires_at,
	CASE WHEN $2 = 'incr' THEN
		next.value #> io7.json_pointer(coalesce($3 ->> 'path', ''))
		END AS number
FROM (SELECT) AS once
LEFT JOIN next ON true
LEFT JOIN put ON true
LEFT JOIN live ON true
