-- kv_put: stores a value under one key of the caller
-- in:    key text, value jsonb, ttl_s int8?, if_match int8[],
--        if_none_match int8[], changed_before timestamptz?, row_max int8,
--        store_max int8
-- out:   stored bool, version int8?, created bool?, expires_at timestamptz?
-- shape: one
--
-- Not stored: a condition does not hold (see io7.version_fits), and version is
-- the current one, if the key exists. changed_before is a condition only if the
-- key exists. Raises I7413 if the row would exceed row_max, I7507
-- if the store would exceed store_max. For the version of the slot see kv_set.
--
-- A write over an expired row counts as a creation. replaced_bytes is then
-- negative, because RETURNING cannot see the old row otherwise.
WITH slot AS (
	SELECT slot, version + 1 AS next
	FROM {tenant}.kv_slot
	WHERE slot = hashtext($1) & 15
	FOR NO KEY UPDATE
), found AS (
	-- Only if there is a condition. Locking reads the newest version of the
	-- row, not the one of the statement's snapshot.
	SELECT s.version, s.expires_at
	FROM slot, {tenant}.kv_store AS s
	WHERE s.key = $1
		AND ($4::int8[] <> '{}' OR $5::int8[] <> '{}' OR $6::timestamptz IS NOT NULL)
	FOR NO KEY UPDATE OF s
), put AS (
	INSERT INTO {tenant}.kv_store AS old
		(key, value, version, expires_at, created_at, updated_at)
	SELECT $1, $2, next,
		statement_timestamp() + $3::int8 * interval '1 second',
		statement_timestamp(), statement_timestamp()
	FROM slot
	WHERE $4::int8[] = '{}' OR EXISTS (SELECT FROM found)
	ON CONFLICT (key) DO UPDATE SET
		value = excluded.value,
		version = old.version + 1,
		replaced_bytes = CASE WHEN old.expires_at <= excluded.updated_at
			THEN -old.bytes ELSE old.bytes END,
		expires_at = excluded.expires_at,
		created_at = CASE WHEN old.expires_at <= excluded.updated_at
			THEN excluded.created_at ELSE old.created_at END,
		updated_at = excluded.updated_at
	WHERE io7.version_fits(CASE WHEN old.expires_at <= excluded.updated_at
		THEN NULL ELSE old.version END, $4, $5)
		AND ($6::timestamptz IS NULL OR old.updated_at < $6
			OR old.expires_at <= excluded.updated_at)
	RETURNING version, replaced_bytes <= 0 AS created, expires_at, bytes,
		abs(replaced_bytes) AS replaced
), counted AS (
	-- Sum up the slots only if the store grows.
	UPDATE {tenant}.kv_slot AS s
	SET version = CASE WHEN s.version >= put.version
			THEN s.version ELSE put.version + 31 END,
		bytes = s.bytes + CASE WHEN put.bytes <= put.replaced
			THEN put.bytes - put.replaced
			ELSE io7.growth(put.bytes, put.replaced, $7,
				(SELECT sum(bytes) FROM {tenant}.kv_slot)::int8,
				$8) END
	FROM put, slot WHERE s.slot = slot.slot
)
SELECT put.version IS NOT NULL AS stored,
	coalesce(put.version, found.version) AS version, created, put.expires_at
FROM slot
LEFT JOIN put ON true
LEFT JOIN found ON found.expires_at IS NULL
	OR found.expires_at > statement_timestamp()
