-- usage_list: lists a user's usage by day and mode, and by key if requested
-- in:    user_id uuid, first_day date, last_day date, by_key bool
-- out:   day date, mode text, api_key_id uuid?, label text?, requests int8,
--        credits int8, ok int8, client_error int8, server_error int8,
--        rate_limited int8, quota_exceeded int8, bytes_in int8,
--        bytes_out int8
-- shape: many
-- db:    live
--
-- Days without usage are included. A deleted key has no label; usage by session
-- or JWT has no key.
WITH used AS (
	SELECT day::date AS day, m.mode,
		CASE WHEN $4 THEN d.api_key_id END AS api_key_id,
		coalesce(sum(d.requests), 0)::bigint AS requests,
		coalesce(sum(d.credits), 0)::bigint AS credits,
		coalesce(sum(d.ok), 0)::bigint AS ok,
		coalesce(sum(d.client_error), 0)::bigint AS client_error,
		coalesce(sum(d.server_error), 0)::bigint AS server_error,
		coalesce(sum(d.rate_limited), 0)::bigint AS rate_limited,
		coalesce(sum(d.quota_exceeded), 0)::bigint AS quota_exceeded,
		coalesce(sum(d.bytes_in), 0)::bigint AS bytes_in,
		coalesce(sum(d.bytes_out), 0)::bigint AS bytes_out
	FROM generate_series($2::date::timestamp, $3::date::timestamp, '1 day')
		AS day
	CROSS JOIN (VALUES ('live'), ('test')) AS m (mode)
	LEFT JOIN io7.daily_usage d
		ON d.user_id = $1 AND d.date = day::date AND d.mode = m.mode
	GROUP BY 1, 2, 3
)
SELECT u.day, u.mode, u.api_key_id, k.label, u.requests, u.credits, u.ok,
	u.client_error, u.server_error, u.rate_limited, u.quota_exceeded,
	u.bytes_in, u.bytes_out
FROM used u
LEFT JOIN io7.api_keys k ON k.id = u.api_key_id
ORDER BY u.day, u.mode, k.created_at, u.api_key_id
