-- keys_read: reads keys in the given order
-- in:    keys text[], wants_value bool[], value_bytes int8, unstored jsonb[],
--        locks bool
-- out:   slot int4?, value jsonb?, version int8?, bytes int4?,
--        expires_at timestamptz?, updated_at timestamptz?
-- shape: many
--
-- With `locks`, locks the rows and reads their newest versions. Their slots must be
-- locked before: they keep other keys from being created, and prevent deadlocks
-- between transactions that lock several rows. They do not keep kv_set, kv_change
-- and kv_delete from writing rows.
--
-- Returns the requested values until value_bytes are reached. After the keys
-- come the `unstored` values as jsonb prints them, with their size.
WITH locked AS (
	SELECT key, value, version, bytes, expires_at, updated_at
	FROM {tenant}.kv_store
	WHERE $5 AND key = ANY ($1)
	FOR NO KEY UPDATE
), stored AS (
	SELECT key, value, version, bytes, expires_at, updated_at FROM locked
	UNION ALL
	SELECT key, value, version, bytes, expires_at, updated_at
	FROM {tenant}.kv_store
	WHERE NOT $5 AND key = ANY ($1)
)
SELECT slot, value, version, bytes, expires_at, updated_at
FROM (
	SELECT w.nr, hashtext(w.key) & 15 AS slot,
		CASE WHEN w.wants_value AND sum(s.bytes)
			FILTER (WHERE w.wants_value) OVER (ORDER BY w.nr) <= $3
			THEN s.value END AS value,
		s.version, s.bytes, s.expires_at, s.updated_at
	FROM unnest($1::text[], $2::bool[])
		WITH ORDINALITY AS w (key, wants_value, nr)
	LEFT JOIN stored AS s ON s.key = w.key COLLATE "C"
		AND (s.expires_at IS NULL
			OR s.expires_at > statement_timestamp())
	UNION ALL
	SELECT cardinality($1) + f.nr, NULL, f.value, NULL,
		octet_length(f.value::text), NULL, NULL
	FROM unnest($4::jsonb[]) WITH ORDINALITY AS f (value, nr)
) AS rows
ORDER BY nr
