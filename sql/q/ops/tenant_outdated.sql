-- tenant_outdated: lists tenants below the current version, page by page
-- in:    after text?, page_size int8, parts int8, part int8
-- out:   schema_name text
-- shape: many
-- db:    both
--
-- Ordered by name, so that a tenant that fails is not tried again in the same
-- run. Several processes divide the names among them: parts and part.
SELECT schema_name
FROM io7.tenants
WHERE version < io7.provision_version() AND schema_name > coalesce($1, '')
	AND abs(hashtextextended(schema_name, 0) % $3) = $4
ORDER BY schema_name
LIMIT $2
