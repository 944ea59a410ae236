-- tenant_totals: how many tenants there are, and how many are outdated
-- out:   tenants int8, outdated int8, newest int4
-- shape: one
-- base:  both
SELECT
	count(version) AS tenants,
	count(version) FILTER (WHERE version < newest) AS outdated,
	newest
FROM io7.provision_version() AS newest LEFT JOIN io7.tenants ON true
GROUP BY newest
