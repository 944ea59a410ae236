-- How a person comes in: by GitHub, and by a device that the person approves.
-- What is secret is never stored: its SHA-256 finds it.

-- A sign-in that is under way, from our redirect until GitHub sends the browser
-- back. Taken once, within ten minutes.
CREATE TABLE io7.sign_ins (
	state_hash bytea PRIMARY KEY CHECK (octet_length(state_hash) = 32),
	-- Of PKCE; worth nothing without the code that GitHub gives.
	verifier text NOT NULL CHECK (char_length(verifier) BETWEEN 43 AND 128),
	-- Where on this site the browser goes afterwards.
	return_to text NOT NULL CHECK (return_to ~ '^/([^/\\]|$)'),
	created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX sign_ins_created_at ON io7.sign_ins (created_at);

GRANT SELECT, INSERT, DELETE ON io7.sign_ins TO io7_app;
GRANT SELECT, DELETE ON io7.sign_ins TO io7_chore;

-- Who is signed in: an hour from the last use on, twelve hours at most.
CREATE TABLE io7.sessions (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	user_id uuid NOT NULL REFERENCES io7.users ON DELETE CASCADE,
	hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
	kind text NOT NULL CHECK (kind IN ('web', 'device')),
	user_agent text NOT NULL CHECK (char_length(user_agent) <= 200),
	address inet,
	created_at timestamptz NOT NULL DEFAULT now(),
	-- Within a minute.
	seen_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL DEFAULT now() + interval '1 hour',
	ends_at timestamptz NOT NULL DEFAULT now() + interval '12 hours',
	revoked_at timestamptz,
	CHECK (expires_at <= ends_at)
) WITH (fillfactor = 90); -- what is seen is updated in place

CREATE INDEX sessions_user_id ON io7.sessions (user_id, created_at, id);
CREATE INDEX sessions_ends_at ON io7.sessions (ends_at);

GRANT SELECT, INSERT, UPDATE ON io7.sessions TO io7_app;
GRANT SELECT, UPDATE, DELETE ON io7.sessions TO io7_chore;

-- A device that asks to be let in (RFC 8628). It polls with the device code;
-- a person types or follows the user code, and says yes or no.
CREATE TABLE io7.device_codes (
	hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
	user_code text NOT NULL UNIQUE
		CHECK (user_code ~ '^[BCDFGHJKLMNPQRSTVWXZ]{8}$'),
	user_agent text NOT NULL CHECK (char_length(user_agent) <= 200),
	address inet,
	-- Who decided, and how; NULL: nobody yet.
	user_id uuid REFERENCES io7.users ON DELETE CASCADE,
	approved boolean,
	interval_s int NOT NULL DEFAULT 5 CHECK (interval_s > 0),
	polled_at timestamptz,
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL DEFAULT now() + interval '10 minutes',
	CHECK ((user_id IS NULL) = (approved IS NULL))
);

CREATE INDEX device_codes_user_id ON io7.device_codes (user_id)
	WHERE user_id IS NOT NULL;
CREATE INDEX device_codes_expires_at ON io7.device_codes (expires_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON io7.device_codes TO io7_app;
GRANT SELECT, DELETE ON io7.device_codes TO io7_chore;
