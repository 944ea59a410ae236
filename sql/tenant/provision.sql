-- Functions that create, upgrade and drop tenants' schemas.
--
-- `make` inserts the numbered files of this folder as steps, so that new and old
-- tenants take the same steps.  `io7 migrate up` runs the result as io7_owner in
-- both databases, each time.
--
-- The row of io7.tenants is the lock: a second caller waits for it, and an
-- interrupted call leaves neither row nor schema.  In io7_live the row refers to
-- its user, so that an unknown id fails.
--
-- Citus: DDL inside a function silently leaves a table on the coordinator.
-- There tenant_upgrade must turn citus.enable_schema_based_sharding off and,
-- after step 1, PERFORM citus_schema_distribute(tenant::regnamespace).

CREATE OR REPLACE FUNCTION io7.provision_version() RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN {version};

CREATE OR REPLACE FUNCTION io7.tenant_step(tenant text, step int) RETURNS void
LANGUAGE plpgsql AS $body$
BEGIN
	CASE step
	{steps}
	END CASE;
END
$body$;

-- Returns the version after the upgrade.  lock_timeout keeps the upgrade from
-- blocking a tenant's requests while it waits for a table that is in use.
CREATE OR REPLACE FUNCTION io7.tenant_upgrade(tenant text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s' AS $$
DECLARE
	reached int;
BEGIN
	SELECT t.version INTO reached FROM io7.tenants t
	WHERE t.schema_name = tenant FOR UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'there is no tenant %', tenant
			USING ERRCODE = 'no_data_found';
	END IF;

	IF reached < io7.provision_version() THEN
		FOR step IN reached + 1 .. io7.provision_version() LOOP
			PERFORM io7.tenant_step(tenant, step);
		END LOOP;
		reached := io7.provision_version();
		UPDATE io7.tenants t SET version = reached
		WHERE t.schema_name = tenant;
	END IF;
	RETURN reached;
END
$$;

-- Creates the user's schema unless it exists, and returns its name.
CREATE OR REPLACE FUNCTION io7.provision(user_id uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
	tenant text := io7.schema_of(provision.user_id);
BEGIN
	INSERT INTO io7.tenants (user_id, version)
	VALUES (provision.user_id, 0) ON CONFLICT DO NOTHING;
	IF FOUND THEN
		PERFORM io7.tenant_upgrade(tenant);
	END IF;
	RETURN tenant;
END
$$;

-- Drops the user's schema and returns its name, or NULL if there is none.
CREATE OR REPLACE FUNCTION io7.tenant_drop(user_id uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
#variable_conflict use_column
DECLARE
	tenant text;
BEGIN
	DELETE FROM io7.tenants WHERE user_id = tenant_drop.user_id
	RETURNING schema_name INTO tenant;
	IF FOUND THEN
		EXECUTE format('DROP SCHEMA %I CASCADE', tenant);
	END IF;
	RETURN tenant;
END
$$;

GRANT EXECUTE ON FUNCTION io7.provision_version(), io7.provision(uuid)
	TO io7_app, io7_chore;
GRANT EXECUTE ON FUNCTION io7.tenant_upgrade(text), io7.tenant_drop(uuid)
	TO io7_chore;
