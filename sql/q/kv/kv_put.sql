-- kv_put: stores a value under a key of the caller
-- in:    key text, value jsonb, ttl_s int8?
-- out:   version int8, created bool, expires_at timestamptz?
-- shape: one
--
-- An expired row is not there for anyone, so a write over it creates: both
-- times of the row are then this statement's.
WITH slot AS (
	SELECT slot, version + 1 AS next
	FROM {tenant}.kv_slot
	WHERE slot = hashtext($1) & 15
	FOR NO KEY UPDATE
), put AS (
	INSERT INTO {tenant}.kv_store AS old
		(key, value, version, expires_at, created_at, updated_at)
	SELECT $1, $2, next,
		statement_timestamp() + $3::int8 * interval '1 second',
		statement_timestamp(), statement_timestamp()
	FROM slot
	ON CONFLICT (key) DO UPDATE SET
		value = excluded.value,
		version = excluded.version,
		replaced_bytes = old.bytes,
		expires_at = excluded.expires_at,
		created_at = CASE WHEN old.expires_at <= excluded.updated_at
			THEN excluded.created_at ELSE old.created_at END,
		updated_at = excluded.updated_at
	RETURNING version, created_at = updated_at AS created, expires_at,
		bytes - replaced_bytes AS grown
), counted AS (
	UPDATE {tenant}.kv_slot AS s
	SET version = put.version, bytes = s.bytes + put.grown
	FROM put, slot WHERE s.slot = slot.slot
)
SELECT version, created, expires_at FROM put
