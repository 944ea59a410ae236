-- kv_set: stores a value under one key of the caller, without conditions
-- in:    key text, value jsonb, ttl_s int8?, row_max int8, store_max int8,
--        counter int4
-- out:   version int8, created bool, expires_at timestamptz?
-- shape: maybe-one
--
-- counter is the slot that counts the bytes of this worker's writes. Raises I7413 if
-- the row would exceed row_max, I7507 if the store would exceed store_max.
--
-- Two writers of different keys do not wait for each other: a write that replaces a
-- value increments its version and leaves the slot of its key alone. A key that is
-- deleted and created again must get a greater version than before. So the version of
-- the slot is at least that of each of its keys, and a new key gets a greater one. A
-- write that would exceed it locks the slot and raises it by 32, for the next writes.
--
-- The slot must be locked before the row, and so by what this statement's snapshot
-- shows. If other writers of this key have changed that meanwhile, there is no row, or
-- 40001 is raised: call kv_put.
--
-- A write over an expired row counts as a creation. replaced_bytes is then negative,
-- because RETURNING cannot see the old row otherwise.
WITH slot AS (
	SELECT slot, version + 1 AS next
	FROM {tenant}.kv_slot
	WHERE slot = hashtext($1) & 15
		AND (version <= coalesce((SELECT version
				FROM {tenant}.kv_store WHERE key = $1), version)
			OR NOT EXISTS (SELECT FROM {tenant}.kv_slot WHERE slot = $6))
	FOR NO KEY UPDATE
), put AS (
	-- Version 0 stands for the next one of the row.
	INSERT INTO {tenant}.kv_store AS old
		(key, value, version, expires_at, created_at, updated_at)
	SELECT $1, $2, coalesce((SELECT next FROM slot), 0),
		statement_timestamp() + $3::int8 * interval '1 second',
		statement_timestamp(), statement_timestamp()
	ON CONFLICT (key) DO UPDATE SET
		value = excluded.value,
		version = old.version + 1,
		replaced_bytes = CASE WHEN old.expires_at <= excluded.updated_at
			THEN -old.bytes ELSE old.bytes END,
		expires_at = excluded.expires_at,
		created_at = CASE WHEN old.expires_at <= excluded.updated_at
			THEN excluded.created_at ELSE old.created_at END,
		updated_at = excluded.updated_at
	WHERE excluded.version > 0 OR old.version < (SELECT version
		FROM {tenant}.kv_slot WHERE slot = hashtext($1) & 15)
	RETURNING version, replaced_bytes <= 0 AS created, expires_at, bytes,
		abs(replaced_bytes) AS replaced
), counted AS (
	-- Sum up the slots only if the store grows.
	UPDATE {tenant}.kv_slot AS s
	SET version = CASE WHEN s.slot = $6 OR s.version >= put.version
			THEN s.version ELSE put.version + 31 END,
		bytes = s.bytes + CASE WHEN put.bytes <= put.replaced
			THEN put.bytes - put.replaced
			ELSE io7.growth(put.bytes, put.replaced, $4,
				(SELECT sum(bytes) FROM {tenant}.kv_slot)::int8,
				$5) END
	FROM put
	WHERE s.slot = coalesce((SELECT slot FROM slot), $6)
		AND (s.slot <> $6 OR put.bytes <> put.replaced)
)
SELECT version, created, expires_at
FROM put
WHERE version > 0
	OR io7.refuse('40001', 'the key was deleted meanwhile') IS NULL
