-- server_facts: returns what `io7 doctor` checks of a server and its session
-- out:   database text, version text, version_number int4, clock timestamptz,
--        started_at timestamptz, max_connections int4, connections int4,
--        in_recovery bool, encoding text, collation_name text,
--        search_path text, plan_cache_mode text, statement_timeout_ms int4
-- shape: one
-- db:    both
SELECT
	datname::text AS database,
	current_setting('server_version') AS version,
	current_setting('server_version_num')::int4 AS version_number,
	clock_timestamp() AS clock,
	pg_postmaster_start_time() AS started_at,
	current_setting('max_connections')::int4
		- current_setting('superuser_reserved_connections')::int4
		AS max_connections,
	(SELECT count(*)::int4 FROM pg_stat_activity
		WHERE backend_type = 'client backend') AS connections,
	pg_is_in_recovery() AS in_recovery,
	pg_encoding_to_char(encoding)::text AS encoding,
	datcollate::text AS collation_name,
	current_setting('search_path') AS search_path,
	current_setting('plan_cache_mode') AS plan_cache_mode,
	(SELECT setting::int4 FROM pg_settings WHERE name = 'statement_timeout')
		AS statement_timeout_ms
FROM pg_database WHERE datname = current_database()
