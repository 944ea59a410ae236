-- Which tenants this database holds, and how far each has been brought.
--
-- A row and its schema are made, upgraded and dropped together, by the
-- functions of sql/tenant/provision.sql and by nothing else.

CREATE FUNCTION io7.schema_of(user_id uuid) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN 'user_' || replace(user_id::text, '-', '');

GRANT EXECUTE ON FUNCTION io7.schema_of(uuid) TO io7_app, io7_chore;

-- updated_at is the time of the last upgrade: nothing else changes here.
CREATE TABLE io7.tenants (
	schema_name text COLLATE "C"
		GENERATED ALWAYS AS (io7.schema_of(user_id)) STORED PRIMARY KEY
		CHECK (schema_name ~ '^user_[0-9a-f]{32}$'),
	user_id uuid NOT NULL UNIQUE,
	version int NOT NULL CHECK (version >= 0),
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now()
);

-- `io7 tenant upgrade` asks for those below a version.
CREATE INDEX tenants_version ON io7.tenants (version, schema_name);

CREATE TRIGGER touch BEFORE UPDATE ON io7.tenants
	FOR EACH ROW EXECUTE FUNCTION io7.touch();

GRANT SELECT ON io7.tenants TO io7_app, io7_chore;
