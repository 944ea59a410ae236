-- keys_write: puts keys, deletes others, and updates their locked slots
-- in:    keys text[], vals jsonb[], versions int8[], expiries timestamptz[],
--        deleted text[], slots int4[], slot_versions int8[], store_max int8
-- out:   grown int4
-- shape: one
--
-- An expiry at the epoch means that the key does not expire. Raises I7507 if
-- the store would exceed store_max.
WITH put AS (
	INSERT INTO {tenant}.kv_store AS old
		(key, value, version, expires_at, created_at, updated_at)
	SELECT w.key, w.value, w.version, nullif(w.expires_at, 'epoch'),
		statement_timestamp(), statement_timestamp()
	FROM unnest($1::text[], $2::jsonb[], $3::int8[], $4::timestamptz[])
		AS w (key, value, version, expires_at)
	ON CONFLICT (key) DO UPDATE SET
		value = excluded.value,
		version = excluded.version,
		replaced_bytes = old.bytes,
		expires_at = excluded.expires_at,
		created_at = CASE WHEN old.expires_at <= excluded.updated_at
			THEN excluded.created_at ELSE old.created_at END,
		updated_at = excluded.updated_at
	RETURNING hashtext(key) & 15 AS slot, bytes - replaced_bytes AS grown
), gone AS (
	DELETE FROM {tenant}.kv_store WHERE key = ANY ($5)
	RETURNING hashtext(key) & 15 AS slot, -bytes AS grown
), change AS (
	SELECT slot, sum(grown) AS grown
	FROM (SELECT slot, grown FROM put UNION ALL SELECT slot, grown FROM gone)
		AS every
	GROUP BY slot
), counted AS (
	UPDATE {tenant}.kv_slot AS s
	SET version = w.version, bytes = s.bytes + coalesce(change.grown, 0)
	FROM unnest($6::int4[], $7::int8[]) AS w (slot, version)
	LEFT JOIN change ON change.slot = w.slot
	WHERE s.slot = w.slot
), total AS (
	SELECT coalesce(sum(grown), 0)::int4 AS grown,
		(SELECT sum(bytes) FROM {tenant}.kv_slot)::int8 AS used
	FROM change
)
SELECT io7.growth(grown, 0, grown, used, $8) AS grown
FROM total
