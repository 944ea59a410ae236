-- Undoes 002_tenants.up.sql.  Without these rows the tenants' schemas would be
-- orphaned: refuse while there are any.

DO $$
BEGIN
	IF EXISTS (SELECT FROM io7.tenants) THEN
		RAISE EXCEPTION 'there are tenants in this database'
			USING HINT = 'Drop each with io7.tenant_drop first.';
	END IF;
END
$$;

DROP TABLE io7.tenants;
DROP FUNCTION io7.schema_of(uuid);
