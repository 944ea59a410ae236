-- Who has an account: the one truth about users, for both modes.

CREATE TABLE io7.users (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),

	-- Signed up through GitHub, or by a token of another issuer.
	github_id bigint UNIQUE,
	github_username text,
	github_email text,
	github_avatar_url text,
	auth_iss text,
	auth_sub text,
	auth_email text,

	plan_id text NOT NULL DEFAULT 'starter' REFERENCES io7.plans,
	status text NOT NULL DEFAULT 'active'
		CHECK (status IN ('active', 'suspended')),
	schema_name text COLLATE "C" NOT NULL UNIQUE
		GENERATED ALWAYS AS (io7.schema_of(id)) STORED,

	-- Folded in by chores, so that requests do not meet on one row.
	test_request_count bigint NOT NULL DEFAULT 0,
	test_storage_bytes bigint NOT NULL DEFAULT 0,
	live_request_count bigint NOT NULL DEFAULT 0,
	live_storage_bytes bigint NOT NULL DEFAULT 0,

	-- When the last step of the signup was done; until then the next
	-- sign-in or the janitor goes on with it.
	ready_at timestamptz,
	last_login_at timestamptz,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),

	UNIQUE (auth_iss, auth_sub),
	UNIQUE (id, plan_id), -- for the profile, which repeats the plan
	CHECK ((auth_iss IS NULL) = (auth_sub IS NULL))
) WITH (fillfactor = 90); -- the folding then updates in place

CREATE INDEX users_created_at ON io7.users (created_at, id);
CREATE INDEX users_plan_id ON io7.users (plan_id);
CREATE INDEX users_github_username ON io7.users (lower(github_username));
CREATE INDEX users_not_active ON io7.users (status) WHERE status <> 'active';
CREATE INDEX users_not_ready ON io7.users (created_at) WHERE ready_at IS NULL;

CREATE TRIGGER touch BEFORE UPDATE ON io7.users
	FOR EACH ROW EXECUTE FUNCTION io7.touch();

GRANT SELECT, INSERT, UPDATE ON io7.users TO io7_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON io7.users TO io7_chore;

-- Only a user has a schema here, and leaves only after it.
ALTER TABLE io7.tenants
	ADD CONSTRAINT tenants_user_id_fkey
	FOREIGN KEY (user_id) REFERENCES io7.users;
