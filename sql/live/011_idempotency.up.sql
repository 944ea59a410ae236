-- Answers that are kept for a day, so that a client who has not heard one may
-- ask again and nothing is done twice.

CREATE TABLE io7.idempotency_keys (
	user_id uuid NOT NULL REFERENCES io7.users ON DELETE CASCADE,
	mode text NOT NULL CHECK (mode IN ('test', 'live')),
	key text COLLATE "C" NOT NULL CHECK (key ~ '^[!-~]{1,255}$'),
	-- SHA-256 of what was asked.
	fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),

	-- Who is at work on it, and from when on that one is taken for dead.
	claim uuid NOT NULL,
	lost_at timestamptz NOT NULL,

	-- The answer; unkept: there was one, which is not repeated.
	state text NOT NULL DEFAULT 'running'
		CHECK (state IN ('running', 'kept', 'unkept')),
	status int CHECK (status BETWEEN 200 AND 499),
	content_type text,
	headers text,
	body bytea,

	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	PRIMARY KEY (user_id, mode, key),
	CHECK (num_nulls(status, content_type, headers, body) =
		CASE state WHEN 'kept' THEN 0 ELSE 4 END)
);

CREATE INDEX idempotency_keys_expires_at
	ON io7.idempotency_keys (expires_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON io7.idempotency_keys TO io7_app;
GRANT SELECT, DELETE ON io7.idempotency_keys TO io7_chore;
