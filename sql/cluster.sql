-- cluster.sql: creates the roles and the two databases of io7, and does in them
-- what only a superuser may do. Run it with psql as a superuser. It can be run
-- again.
--
--     psql -X -v ON_ERROR_STOP=1 [-v live=NAME] [-v test=NAME] -f cluster.sql
--
-- No role gets a password. On one host they connect over the unix socket;
-- elsewhere the operator sets passwords.
--
--   io7_owner   owns both databases and migrates them
--   io7_app     serves requests: owns nothing, creates nothing, and is subject
--               to row-level security
--   io7_chore   the janitor's role, and the owner of functions that run before
--               the user is known; bypasses row-level security
--   io7_backup  reads everything, for pg_dump

\if :{?live}
\else
	\set live io7_live
\endif
\if :{?test}
\else
	\set test io7_test
\endif

SET client_min_messages = warning;

SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY['io7_owner', 'io7_app', 'io7_chore', 'io7_backup']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

ALTER ROLE io7_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
ALTER ROLE io7_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
ALTER ROLE io7_chore LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS;
ALTER ROLE io7_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS;

-- Migrations change the owner of functions to io7_chore, which requires
-- membership.
GRANT io7_chore TO io7_owner;
GRANT pg_read_all_data TO io7_backup;

-- All names in statements are qualified. With an empty search_path a name that
-- is not fails.
ALTER ROLE io7_app SET search_path = '';
ALTER ROLE io7_chore SET search_path = '';

-- Every statement reaches its rows by an index, whatever its parameters are. With
-- `auto` the first five executions of a statement are planned one by one, for each
-- tenant anew, and a list of a large store always is.
ALTER ROLE io7_app SET plan_cache_mode = force_generic_plan;
ALTER ROLE io7_chore SET plan_cache_mode = force_generic_plan;

SELECT format('CREATE DATABASE %I OWNER io7_owner ENCODING ''UTF8''
	LOCALE ''C.UTF-8'' TEMPLATE template0', name)
FROM unnest(ARRAY[:'live', :'test']) AS name
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name)
\gexec

REVOKE ALL ON DATABASE :"live", :"test" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"live", :"test"
TO io7_owner, io7_app, io7_chore, io7_backup;

SELECT format('ALTER ROLE io7_app IN DATABASE %I SET %s', name, setting)
FROM unnest(ARRAY[:'live', :'test']) AS name,
	unnest(ARRAY[
		'statement_timeout = ''5s''',
		'lock_timeout = ''2s''',
		'idle_in_transaction_session_timeout = ''10s'''
	]) AS setting
\gexec

-- io7 does not use large objects. Their creator would own them.
\set closed 'lo_creat(int), lo_create(oid), lo_from_bytea(oid, bytea), '
\set closed :closed 'lo_import(text), lo_import(text, oid), '
\set closed :closed 'lo_export(oid, text), lo_put(oid, bigint, bytea), '
\set closed :closed 'lowrite(int, bytea)'

\connect :"live"
SET client_min_messages = warning;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION :closed FROM PUBLIC;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;

\connect :"test"
SET client_min_messages = warning;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION :closed FROM PUBLIC;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
