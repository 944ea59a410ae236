-- How a tenant's schema is made, brought forward and dropped.
--
-- `make` puts the numbered files beside this one in here, as steps, so that a
-- new tenant and an old one walk the same way; `io7 migrate up` runs the result
-- as io7_owner in both databases, each time.
--
-- The row of io7.tenants is the lock: whoever comes second waits for it, and
-- what is cut off leaves neither row nor schema.  In io7_live the row refers to
-- its user, so an unknown id is refused there.
--
-- Citus: DDL inside a function leaves a table on the coordinator without a
-- word.  There tenant_upgrade must turn citus.enable_schema_based_sharding off
-- and, after step 1, PERFORM citus_schema_distribute(tenant::regnamespace).

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

-- The version it has afterwards.  A tenant whose tables are in use is given up
-- after a while rather than kept waiting behind us.
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

-- The name of the user's schema, which is made if it is not there.
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

-- The name of the schema that is gone with all it held, or NULL.
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
