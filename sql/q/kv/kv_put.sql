-- kv_put: stores a value under a key of the caller
-- in:    key text, value jsonb, ttl_s int8?, wanted int8[], unwanted int8[],
--        row_max int8, store_max int8
-- out:   version int8, created bool, expires_at timestamptz?
-- shape: maybe-one
--
-- No row: a condition does not hold (see io7.version_fits). I7413: the row
-- would be larger than row_max, written out. I7507: the store than store_max.
--
-- An expired row is not there for anyone, so a write over it creates. Its bytes
-- are then kept below zero, by which RETURNING tells the two apart.
WITH slot AS (
	SELECT slot, version + 1 AS next
	FROM {tenant}.kv_slot
	WHERE slot = hashtext($1) & 15
	FOR NO KEY UPDATE
), found AS (
	-- Only where there must be a row. What is locked is seen as it is now,
	-- and not as it was when the statement began.
	SELECT s.version
	FROM slot, {tenant}.kv_store AS s
	WHERE s.key = $1 AND $4::int8[] <> '{}'
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
		version = excluded.version,
		replaced_bytes = CASE WHEN old.expires_at <= excluded.updated_at
			THEN -old.bytes ELSE old.bytes END,
		expires_at = excluded.expires_at,
		created_at = CASE WHEN old.expires_at <= excluded.updated_at
			THEN excluded.created_at ELSE old.created_at END,
		updated_at = excluded.updated_at
	WHERE io7.version_fits(CASE WHEN old.expires_at <= excluded.updated_at
		THEN NULL ELSE old.version END, $4, $5)
	RETURNING version, replaced_bytes <= 0 AS created, expires_at, bytes,
		abs(replaced_bytes) AS replaced
), counted AS (
	-- The slots are added up only for what makes the store larger.
	UPDATE {tenant}.kv_slot AS s
	SET version = put.version,
		bytes = s.bytes + CASE WHEN put.bytes <= put.replaced
			THEN put.bytes - put.replaced
			ELSE io7.growth(put.bytes, put.replaced, $6,
				(SELECT sum(bytes) FROM {tenant}.kv_slot)::int8,
				$7) END
	FROM put, slot WHERE s.slot = slot.slot
)
SELECT version, created, expires_at FROM put
