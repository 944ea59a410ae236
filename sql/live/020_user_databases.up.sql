-- The registry of user databases: which exist, whose they are, and where. A user has
-- one for each mode. The databases themselves are not in PostgreSQL.

CREATE TABLE io7.user_databases (
	user_id uuid NOT NULL REFERENCES io7.users,
	mode text NOT NULL CHECK (mode IN ('live', 'test')),
	email text NOT NULL, -- empty if the user has none
	db_name text COLLATE "C" NOT NULL UNIQUE
		CHECK (db_name ~ '^(live|test)-[0-9a-f]{32}$'),
	db_url text NOT NULL,   -- of the provider; empty for a file
	db_token text NOT NULL, -- sealed; empty for a file
	storage_used_bytes bigint NOT NULL DEFAULT 0
		CHECK (storage_used_bytes >= 0),
	provider text NOT NULL CHECK (provider ~ '^[a-z]{1,15}$'),
	host text NOT NULL, -- that has the file; empty for a service
	schema_version int NOT NULL DEFAULT 0,
	-- A pending database is not created yet: at its first use, or by a chore.
	state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'ready')),
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (user_id, mode)
) WITH (fillfactor = 90);

CREATE INDEX user_databases_email ON io7.user_databases (email);
CREATE INDEX user_databases_pending ON io7.user_databases (created_at)
	WHERE state = 'pending';

CREATE TRIGGER touch BEFORE UPDATE ON io7.user_databases
	FOR EACH ROW EXECUTE FUNCTION io7.touch();

-- Workers create a database and record its size; only the janitor and operators remove
-- one.
GRANT SELECT, INSERT, UPDATE ON io7.user_databases TO io7_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON io7.user_databases TO io7_chore;
