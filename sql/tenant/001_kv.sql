-- A tenant's schema, and in it the key-value store.
--
-- No triggers, no sequence, and no function that DO UPDATE would have to call:
-- so it also runs distributed.

CREATE SCHEMA {tenant};
GRANT USAGE ON SCHEMA {tenant} TO io7_app, io7_chore;

CREATE TABLE {tenant}.kv_store (
	key text COLLATE "C" PRIMARY KEY
		CHECK (char_length(key) BETWEEN 1 AND 256),
	value jsonb NOT NULL,
	version bigint NOT NULL,

	-- What the row counts against the plan, and what the row that its last
	-- write replaced had counted: RETURNING shows nothing else of that.
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

-- Every key belongs to the slot `hashtext(key) & 15`.  Whoever writes or
-- deletes keys first locks their slots, in ascending order.  The slot then gives
-- the version, which so grows for a key even when it is deleted and made again,
-- and takes the difference in bytes; their sum is the size of the store.  One
-- row for all keys would make every writer wait for the one before.
CREATE TABLE {tenant}.kv_slot (
	slot int PRIMARY KEY,
	version bigint NOT NULL DEFAULT 0,
	bytes bigint NOT NULL DEFAULT 0
);

INSERT INTO {tenant}.kv_slot (slot) SELECT generate_series(0, 15);

GRANT SELECT, UPDATE ON {tenant}.kv_slot TO io7_app, io7_chore;
