-- What an account may use: the plans of the API's documentation.

CREATE TABLE io7.plans (
	id text PRIMARY KEY CHECK (id ~ '^[a-z][a-z0-9_]{0,31}$'),
	name text NOT NULL UNIQUE,
	credits_per_day bigint NOT NULL CHECK (credits_per_day > 0),
	requests_per_minute int NOT NULL CHECK (requests_per_minute > 0),
	storage_bytes bigint NOT NULL CHECK (storage_bytes > 0),
	streams int NOT NULL CHECK (streams > 0),
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TRIGGER touch BEFORE UPDATE ON io7.plans
	FOR EACH ROW EXECUTE FUNCTION io7.touch();

GRANT SELECT ON io7.plans TO io7_app, io7_chore;

INSERT INTO io7.plans
	(id, name, credits_per_day, requests_per_minute, storage_bytes, streams)
VALUES
	('starter',  'Starter',     1000,  100,   100000000,  2),
	('pro',      'Pro',        50000,  600,  5000000000,  8),
	('business', 'Business', 1000000, 6000, 50000000000, 32);
