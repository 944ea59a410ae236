-- Nothing is left of io7 after this but the tenants' schemas, so there must be
-- none (002 sees to that).  The functions first named are not made by a
-- numbered file but by sql/tenant/provision.sql.

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
