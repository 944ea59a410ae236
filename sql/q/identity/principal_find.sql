-- principal_find: finds the account of a credential, and what it may do
-- in:    hash bytea?, issuer text?, subject text?, today date
-- out:   id uuid, user_id uuid, scopes text, is_usable bool,
--        is_active bool, is_leaving bool, is_ready bool,
--        expires_at timestamptz?,
--        plan_id text, plan_name text, credits_per_day int8,
--        requests_per_minute int4, storage_bytes int8, streams int4,
--        is_stale bool, used_day date, used_credits int8,
--        live_database_bytes int8, test_database_bytes int8
-- shape: maybe-one
-- db:    live
--
-- Looks up the SHA-256 of a key or session token, or the issuer and subject of
-- a JWT. A session is stale if its last use was recorded over a minute ago.
WITH who AS (
	SELECT k.id, k.user_id, array_to_string(k.scopes, ' ') AS scopes,
		k.enabled AND k.revoked_at IS NULL AS is_usable, k.expires_at,
		false AS is_stale
	FROM io7.api_keys k WHERE k.hash = $1
	UNION ALL
	SELECT s.id, s.user_id, 'read write admin', s.revoked_at IS NULL,
		s.expires_at, s.seen_at < now() - interval '1 minute'
	FROM io7.sessions s WHERE s.hash = $1
	UNION ALL
	SELECT u.id, u.id, 'read write admin', true, NULL, false
	FROM io7.users u WHERE (u.auth_iss, u.auth_sub) = ($2, $3)
)
SELECT w.id, w.user_id, w.scopes, w.is_usable,
	u.status = 'active' AS is_active, u.status = 'leaving' AS is_leaving,
	u.ready_at IS NOT NULL AS is_ready, w.expires_at,
	p.id AS plan_id, p.name AS plan_name, p.credits_per_day,
	p.requests_per_minute, p.storage_bytes, p.streams, w.is_stale,
	$4::date AS used_day,
	(SELECT coalesce(sum(d.credits), 0)::bigint FROM io7.daily_usage d
		WHERE d.user_id = u.id AND d.date = $4::date AND d.mode = 'live')
		AS used_credits,
	coalesce(l.storage_used_bytes, 0) AS live_database_bytes,
	coalesce(t.storage_used_bytes, 0) AS test_database_bytes
FROM who w
JOIN io7.users u ON u.id = w.user_id
JOIN io7.plans p ON p.id = u.plan_id
LEFT JOIN io7.user_databases l ON l.user_id = u.id AND l.mode = 'live'
LEFT JOIN io7.user_databases t ON t.user_id = u.id AND t.mode = 'test'
