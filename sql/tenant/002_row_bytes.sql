-- Counts 100 bytes for each row besides its key and value, about what PostgreSQL
-- stores for the row and its index entry. Otherwise a store of tiny keys takes
-- twenty times what it counts.
--
-- PostgreSQL 15 cannot change the expression of a generated column, so this
-- rewrites the table once. Programs of before and after work with tenants of
-- either version: they read `bytes` and never compute it.
--
-- The slots are locked first, in the order in which writes lock them.

LOCK TABLE {tenant}.kv_slot IN ACCESS EXCLUSIVE MODE;

ALTER TABLE {tenant}.kv_store
	DROP COLUMN bytes,
	ADD COLUMN bytes int NOT NULL GENERATED ALWAYS AS
		(100 + octet_length(key) + octet_length(value::text)) STORED;

UPDATE {tenant}.kv_slot AS s
SET bytes = s.bytes + 100 * k.keys
FROM (
	SELECT hashtext(key) & 15 AS slot, count(*) AS keys
	FROM {tenant}.kv_store GROUP BY 1
) AS k
WHERE k.slot = s.slot;
