-- What everything else stands on, in both databases.
--
-- Numbers run through sql/both and sql/live as one sequence, so that `--to N`
-- means one thing.  What is here never refers to sql/live.

-- The backup reads all that the owner will ever make, tenants included, and
-- nobody calls a function that was not granted.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO io7_backup;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO io7_backup;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON SEQUENCES TO io7_backup;

CREATE SCHEMA io7;
CREATE SCHEMA app;
GRANT USAGE ON SCHEMA io7, app TO io7_app, io7_chore;

-- Written once a row by `io7 migrate`: in the transaction of the file itself.
CREATE TABLE io7.migrations (
	number int PRIMARY KEY CHECK (number > 0),
	file text NOT NULL UNIQUE,
	checksum bytea NOT NULL CHECK (octet_length(checksum) = 32),
	applied_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON io7.migrations TO io7_chore;

-- The trigger of every table that has updated_at.
CREATE FUNCTION io7.touch() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	NEW.updated_at := now();
	RETURN NEW;
END
$$;
