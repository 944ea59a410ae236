-- The secrets that sign the requests of cron jobs, encrypted. A user has one for each
-- mode; after a rotation the previous one signs, too, for a while.

CREATE TABLE io7.cron_secrets (
	user_id uuid NOT NULL REFERENCES io7.users ON DELETE CASCADE,
	mode text NOT NULL CHECK (mode IN ('live', 'test')),
	secret text NOT NULL,
	created_at timestamptz NOT NULL,
	previous text,
	previous_until timestamptz,
	PRIMARY KEY (user_id, mode),
	CHECK ((previous IS NULL) = (previous_until IS NULL))
);

GRANT SELECT, INSERT, UPDATE ON io7.cron_secrets TO io7_app, io7_chore;
