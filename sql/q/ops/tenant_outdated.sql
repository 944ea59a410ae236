-- tenant_outdated: the tenants that an upgrade has to bring forward
-- in:    after text?, page_size int8, parts int8, part int8
-- out:   schema_name text
-- shape: many
-- base:  both
--
-- By name, so that one that fails does not come up again in the same run. Of
-- several processes each takes the part of the names that is its own.
SELECT schema_name
FROM io7.tenants
WHERE version < io7.provision_version() AND schema_name > coalesce($1, '')
	AND abs(hashtextextended(schema_name, 0) % $3) = $4
ORDER BY schema_name
LIMIT $2
