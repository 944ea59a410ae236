-- Undoes 001_ground.up.sql.  Afterwards nothing of io7 is left but tenants'
-- schemas, and 002 makes sure that there are none.  The first functions below
-- come from sql/tenant/provision.sql and not from a migration.

DROP FUNCTION IF EXISTS
	io7.tenant_drop(uuid),
	io7.provision(uuid),
	io7.tenant_upgrade(text),
	io7.tenant_step(text, int),
	io7.provision_version();

DROP FUNCTION io7.touch();
DROP TABLE io7.migrations;
DROP SCHEMA app;
DROP SCHEMA io7;

ALTER DEFAULT PRIVILEGES REVOKE SELECT ON SEQUENCES FROM io7_backup;
ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM io7_backup;
ALTER DEFAULT PRIVILEGES REVOKE USAGE ON SCHEMAS FROM io7_backup;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
