-- How an account ends, and what is written down of its life.

-- A user who is leaving cannot sign in any more; the janitor removes the rest.
ALTER TABLE io7.users
	DROP CONSTRAINT users_status_check,
	ADD CONSTRAINT users_status_check
		CHECK (status IN ('active', 'suspended', 'leaving'));

-- Sign-ins, what was done to keys, plan and account.  A row goes with its
-- account; one without a user tells operators that an account was deleted, and
-- nothing about whose it was.
CREATE TABLE io7.audit_log (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	user_id uuid REFERENCES io7.users ON DELETE CASCADE,
	event text NOT NULL CHECK (event ~ '^[a-z]+(_[a-z]+)*$'),
	mode text CHECK (mode IN ('test', 'live')),
	-- Who did it; NULL: somebody who was just signing in.
	actor text CHECK (actor IN ('key', 'session', 'token', 'operator')),
	actor_id uuid, -- of the key or the session
	about_id uuid, -- of the key or the session that it was done to
	address inet,
	user_agent text CHECK (char_length(user_agent) <= 200),
	details jsonb NOT NULL DEFAULT '{}' CHECK (
		jsonb_typeof(details) = 'object' AND pg_column_size(details) < 2000
	)
);

CREATE INDEX audit_log_user_id ON io7.audit_log (user_id, at, id);
CREATE INDEX audit_log_at ON io7.audit_log (at);

GRANT SELECT, INSERT ON io7.audit_log TO io7_app;
GRANT SELECT, INSERT, DELETE ON io7.audit_log TO io7_chore;
