-- slots_lock: locks the slots of keys in ascending order
-- in:    keys text[]
-- out:   slot int4, version int8, stored_bytes int8, locked_at timestamptz
-- shape: many
--
-- stored_bytes is the size of the whole store, the same in each row.
SELECT slot, version,
	(SELECT sum(bytes)::int8 FROM {tenant}.kv_slot) AS stored_bytes,
	statement_timestamp() AS locked_at
FROM {tenant}.kv_slot
WHERE slot IN (SELECT hashtext(k) & 15 FROM unnest($1::text[]) AS k)
ORDER BY slot
FOR NO KEY UPDATE
