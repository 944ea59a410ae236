-- Credentials whose change could not be told to Redis, and so to the workers
-- that remember them.  The janitor does so as soon as it answers.

CREATE TABLE io7.epochs_due (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	credential bytea NOT NULL CHECK (octet_length(credential) = 32),
	created_at timestamptz NOT NULL DEFAULT now()
);

GRANT INSERT ON io7.epochs_due TO io7_app;
GRANT SELECT, INSERT, DELETE ON io7.epochs_due TO io7_chore;
