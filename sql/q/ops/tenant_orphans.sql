-- tenant_orphans: counts schemas without a record, and records without a schema
-- out:   schemas int8, records int8
-- shape: one
-- db:    both
SELECT
	count(*) FILTER (WHERE schema_name IS NULL) AS schemas,
	count(*) FILTER (WHERE nspname IS NULL) AS records
FROM (
	SELECT nspname::text FROM pg_namespace
	WHERE nspname ~ '^user_[0-9a-f]{32}$'
) AS found
FULL JOIN io7.tenants ON schema_name = nspname
