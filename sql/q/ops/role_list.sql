-- role_list: lists the privileges of io7's roles in this database
-- out:   name text, can_login bool, is_superuser bool, bypasses_rls bool,
--        creates_roles bool, creates_databases bool, replicates bool,
--        connects bool, creates_schemas bool, creates_in int8,
--        creates_large_objects bool, reads_passwords bool,
--        owned int8, owned_functions int8, member_of text
-- shape: many
-- db:    both
--
-- pg_shdepend lists what a role owns, of whatever kind.
WITH owned AS (
	SELECT refobjid AS role, classid = 'pg_proc'::regclass AS is_function
	FROM pg_shdepend
	WHERE refclassid = 'pg_authid'::regclass AND deptype = 'o'
		AND dbid IN (0, (SELECT oid FROM pg_database
			WHERE datname = current_database()))
)
SELECT
	rolname::text AS name,
	rolcanlogin AS can_login,
	rolsuper AS is_superuser,
	rolbypassrls AS bypasses_rls,
	rolcreaterole AS creates_roles,
	rolcreatedb AS creates_databases,
	rolreplication AS replicates,
	has_database_privilege(r.oid, current_database(), 'CONNECT') AS connects,
	has_database_privilege(r.oid, current_database(), 'CREATE')
		AS creates_schemas,
	(SELECT count(*) FROM pg_namespace n
		WHERE has_schema_privilege(r.oid, n.oid, 'CREATE')) AS creates_in,
	(SELECT bool_or(has_function_privilege(r.oid, p.oid, 'EXECUTE'))
		FROM pg_proc p WHERE pronamespace = 'pg_catalog'::regnamespace
			AND proname IN ('lo_creat', 'lo_create', 'lo_from_bytea',
				'lo_import')) AS creates_large_objects,
	has_table_privilege(r.oid, 'pg_catalog.pg_authid', 'SELECT')
		AS reads_passwords,
	(SELECT count(*) FROM owned WHERE role = r.oid AND NOT is_function)
		AS owned,
	(SELECT count(*) FROM owned WHERE role = r.oid AND is_function)
		AS owned_functions,
	coalesce((SELECT string_agg(roleid::regrole::text, ' '
			ORDER BY roleid::regrole::text)
		FROM pg_auth_members WHERE member = r.oid), '') AS member_of
FROM pg_roles r
WHERE rolname IN ('io7_owner', 'io7_app', 'io7_chore', 'io7_backup')
ORDER BY rolname
