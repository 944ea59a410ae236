-- What went wrong lately, for the developers of each account: a row for each
-- kind of error and minute. It knows the route as the table of routes has it,
-- never the path that was asked for: that may hold a secret.
--
-- The janitor alone writes here, many rows in one statement, each second.

CREATE TABLE io7.recent_errors (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	user_id uuid NOT NULL REFERENCES io7.users ON DELETE CASCADE,
	mode text NOT NULL CHECK (mode IN ('test', 'live')),
	-- None for sessions and tokens.
	api_key_id uuid,
	method text NOT NULL CHECK (method ~ '^[A-Z]+$'),
	route text NOT NULL CHECK (route ~ '^/'),
	code text NOT NULL CHECK (code ~ '^[a-z_]+$'),
	status integer NOT NULL CHECK (status BETWEEN 400 AND 599),
	minute timestamptz NOT NULL,

	times bigint NOT NULL CHECK (times > 0),
	last_at timestamptz NOT NULL,
	-- Of one of the last: it stands in the logs of nginx and io7.
	request_id text NOT NULL CHECK (char_length(request_id) BETWEEN 1 AND 64),
	UNIQUE NULLS NOT DISTINCT (user_id, minute, mode, api_key_id, method,
		route, code, status)
);

CREATE INDEX recent_errors_user_id ON io7.recent_errors
	(user_id, mode, last_at, id);
CREATE INDEX recent_errors_last_at ON io7.recent_errors (last_at);

GRANT SELECT ON io7.recent_errors TO io7_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON io7.recent_errors TO io7_chore;
