-- What users say about themselves, and what their tools may see of the plan.
--
-- In io7_live alone, because users are.  The plan follows io7.users through
-- the foreign key, so the two cannot differ.

CREATE TABLE app.user_profiles (
	user_id uuid PRIMARY KEY,
	name text CHECK (char_length(name) BETWEEN 1 AND 200),
	plan_type text NOT NULL,
	usage_count bigint NOT NULL DEFAULT 0 CHECK (usage_count >= 0),
	subscription_status text NOT NULL DEFAULT 'none' CHECK (
		subscription_status IN
		('none', 'trialing', 'active', 'past_due', 'canceled')
	),
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	FOREIGN KEY (user_id, plan_type) REFERENCES io7.users (id, plan_id)
		ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE INDEX user_profiles_subscription_status
	ON app.user_profiles (subscription_status)
	WHERE subscription_status <> 'none';
CREATE INDEX user_profiles_created_at ON app.user_profiles (created_at);

CREATE TRIGGER touch BEFORE UPDATE ON app.user_profiles
	FOR EACH ROW EXECUTE FUNCTION io7.touch();

ALTER TABLE app.user_profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.user_profiles FORCE ROW LEVEL SECURITY;

CREATE POLICY own_select ON app.user_profiles FOR SELECT TO io7_app
	USING (user_id = (SELECT app.identity()));
CREATE POLICY own_update ON app.user_profiles FOR UPDATE TO io7_app
	USING (user_id = (SELECT app.identity()));

GRANT SELECT, UPDATE (name) ON app.user_profiles TO io7_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON app.user_profiles TO io7_chore;

-- A signup has no identity yet, so the profile is made by one who needs none.
CREATE FUNCTION app.user_profile_create() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	INSERT INTO app.user_profiles (user_id, name, plan_type)
	VALUES (NEW.id, NEW.github_username, NEW.plan_id);
	RETURN NULL;
END
$$;

CREATE TRIGGER profile AFTER INSERT ON io7.users
	FOR EACH ROW EXECUTE FUNCTION app.user_profile_create();

-- A new owner must be able to create in the schema, for this moment.
GRANT CREATE ON SCHEMA app TO io7_chore;
ALTER FUNCTION app.user_profile_create() OWNER TO io7_chore;
REVOKE CREATE ON SCHEMA app FROM io7_chore;
