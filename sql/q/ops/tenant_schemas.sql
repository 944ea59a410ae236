-- tenant_schemas: lists the tenants' schemas that exist, page by page
-- in:    after text?, page_size int8
-- out:   schema_name text
-- shape: many
-- db:    both
SELECT nspname::text AS schema_name
FROM pg_namespace
WHERE nspname ~ '^user_[0-9a-f]{32}$' AND nspname > coalesce($1, '')
ORDER BY nspname
LIMIT $2
