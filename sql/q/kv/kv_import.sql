-- kv_import: puts many keys, or only those that do not exist
-- in:    keys text[], vals jsonb[], expiries timestamptz[],
--        skip_existing bool, row_max int8, store_max int8
-- out:   imported int8, grown int4
-- shape: one
--
-- If a key is given twice, the last one counts, or the first one with
-- skip_existing. An expiry at the epoch means that the key does not expire.
-- Raises I7413 if a row would exceed row_max, I7507 if the store would exceed
-- store_max.
WITH slots AS (
	SELECT slot, version
	FROM {tenant}.kv_slot
	WHERE slot IN (SELECT hashtext(k) & 15 FROM unnest($1::text[]) AS k)
	ORDER BY slot
	FOR NO KEY UPDATE
), lines AS (
	SELECT DISTINCT ON (w.key) w.key, w.value, w.expires_at, w.nr,
		hashtext(w.key) & 15 AS slot
	FROM unnest($1::text[], $2::jsonb[], $3::timestamptz[])
		WITH ORDINALITY AS w (key, value, expires_at, nr)
	ORDER BY w.key, CASE WHEN $4 THEN w.nr ELSE -w.nr END
), numbered AS (
	SELECT key, value, expires_at, slots.version
		+ row_number() OVER (PARTITION BY slot ORDER BY nr) AS version
	FROM slots JOIN lines USING (slot)
), put AS (
	INSERT INTO {tenant}.kv_store AS old
		(key, value, version, expires_at, created_at, updated_at)
	SELECT key, value, version, nullif(expires_at, 'epoch'),
		statement_timestamp(), statement_timestamp()
	FROM numbered
	ON CONFLICT (key) DO UPDATE SET
		value = excluded.value,
		version = excluded.version,
		replaced_bytes = old.bytes,
		expires_at = excluded.expires_at,
		created_at = CASE WHEN old.expires_at <= excluded.updated_at
			THEN excluded.created_at ELSE old.created_at END,
		updated_at = excluded.updated_at
	WHERE NOT $4 OR old.expires_at <= excluded.updated_at
	RETURNING hashtext(key) & 15 AS slot, version,
		io7.growth(bytes, replaced_bytes, $5, 0, $6) AS grown
), change AS (
	SELECT slot, max(version) AS version, count(*) AS n,
		sum(grown) AS grown
	FROM put GROUP BY slot
), counted AS (
	UPDATE {tenant}.kv_slot AS s
	SET version = change.version, bytes = s.bytes + change.grown
	FROM change WHERE s.slot = change.slot
), total AS (
	SELECT coalesce(sum(n), 0)::int8 AS imported,
		coalesce(sum(grown), 0)::int4 AS grown,
		(SELECT sum(bytes) FROM {tenant}.kv_slot)::int8 AS used
	FROM change
)
SELECT imported, io7.growth(grown, 0, grown, used, $6) AS grown
FROM total
