-- A tenant's schema with the key-value store.
--
-- Uses no triggers, no sequences and no functions in DO UPDATE, so that it also
-- runs distributed on Citus.

CREATE SCHEMA {tenant};
GRANT USAGE ON SCHEMA {tenant} TO io7_app, io7_chore;

CREATE TABLE {tenant}.kv_store (
	key text COLLATE "C" PRIMARY KEY
		CHECK (char_length(key) BETWEEN 1 AND 256),
	value jsonb NOT NULL,
	version bigint NOT NULL,

	-- The size that counts against the plan, and the size of the row that
	-- the last write replaced. RETURNING cannot return the old row.
	bytes int NOT NULL GENERATED ALWAYS AS
		(octet_length(key) + octet_length(value::text)) STORED,
	replaced_bytes int NOT NULL DEFAULT 0,

	expires_at timestamptz,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX kv_store_expires_at ON {tenant}.kv_store (expires_at)
	WHERE expires_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON {tenant}.kv_store TO io7_app;
GRANT SELECT, UPDATE, DELETE ON {tenant}.kv_store TO io7_chore;

-- Every key belongs to the slot `hashtext(key) & 15`.  A transaction that writes
-- or deletes keys first locks their slots in ascending order.  The slot supplies
-- the new version, which therefore grows even if a key is deleted and created
-- again, and counts the bytes of its keys.  The size of the store is the sum of
-- the slots.  A single slot would serialize all writers.
CREATE TABLE {tenant}.kv_slot (
	slot int PRIMARY KEY,
	version bigint NOT NULL DEFAULT 0,
	bytes bigint NOT NULL DEFAULT 0
);

INSERT INTO {tenant}.kv_slot (slot) SELECT generate_series(0, 15);

GRANT SELECT, UPDATE ON {tenant}.kv_slot TO io7_app, io7_chore;
