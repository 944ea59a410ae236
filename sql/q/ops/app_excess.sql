-- app_excess: lists rights of io7_app that would let a worker change the plan, the
--        status or the usage of accounts, or whose a credential is
-- out:   rights text
-- shape: one
-- db:    live
SELECT coalesce(string_agg(lower(p.name) || ' ' || t.name || '.' || c.attname, ', '
	ORDER BY t.name, c.attname, p.name), '') AS rights
FROM (VALUES
	('io7.users', '{id, plan_id, status, live_request_count,
		test_request_count, live_storage_bytes, test_storage_bytes}'::text[]),
	('io7.api_keys', '{id, user_id, hash, mode, created_at}'),
	('io7.sessions', '{id, user_id, hash, created_at, ends_at}'),
	('io7.plans', NULL),
	('io7.daily_usage', NULL)
) AS t (name, columns)
CROSS JOIN (VALUES ('UPDATE'), ('INSERT')) AS p (name)
JOIN pg_attribute c ON c.attrelid = t.name::regclass AND c.attnum > 0
	AND NOT c.attisdropped
	AND (t.columns IS NULL OR c.attname = ANY (t.columns))
WHERE has_column_privilege('io7_app', t.name::regclass, c.attnum, p.name)
	AND NOT (p.name = 'INSERT' AND t.name IN ('io7.api_keys', 'io7.sessions')
		AND c.attname IN ('user_id', 'hash', 'mode'))
