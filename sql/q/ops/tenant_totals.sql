-- tenant_totals: counts the tenants, and those below the current version
-- out:   tenants int8, outdated int8, newest int4
-- shape: one
-- db:    both
SELECT
	count(version) AS tenants,
	count(version) FILTER (WHERE version < newest) AS outdated,
	newest
FROM io7.provision_version() AS newest LEFT JOIN io7.tenants ON true
GROUP BY newest
