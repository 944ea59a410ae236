-- error_list: lists an account's recent errors, newest first, page by page
-- in:    user_id uuid, mode text?, before timestamptz?, before_id uuid?,
--        page_size int8
-- out:   error_id uuid, last_at timestamptz, times int8, mode text,
--        method text, route text, code text, error_status int4,
--        request_id text, api_key_id uuid?, key_prefix text?,
--        key_last4 text?, key_label text?
-- shape: many
-- db:    live
SELECT e.id AS error_id, e.last_at, e.times, e.mode, e.method, e.route, e.code,
	e.status AS error_status, e.request_id, e.api_key_id,
	k.prefix AS key_prefix, k.last4 AS key_last4, k.label AS key_label
FROM io7.recent_errors e
LEFT JOIN io7.api_keys k ON k.id = e.api_key_id
WHERE e.user_id = $1 AND ($2::text IS NULL OR e.mode = $2)
	AND (e.last_at, e.id) < (coalesce($3::timestamptz, 'infinity'), $4)
ORDER BY e.last_at DESC, e.id DESC
LIMIT $5
