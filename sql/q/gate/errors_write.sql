-- errors_write: adds a batch to the recent errors
-- in:    users uuid[], keys uuid[], modes text[], methods text[],
--        routes text[], codes text[], statuses int4[], request_ids text[],
--        ats timestamptz[], times int8[]
-- shape: none
-- db:    live
--
-- Rows and accounts are locked in order, so that two hosts cannot deadlock.
-- Deleted accounts are skipped.
WITH accounts AS MATERIALIZED (
	SELECT id FROM io7.users WHERE id = ANY ($1::uuid[])
	ORDER BY id FOR KEY SHARE
)
INSERT INTO io7.recent_errors AS e (user_id, api_key_id, mode, method, route,
	code, status, minute, times, last_at, request_id)
SELECT n.user_id,
	nullif(n.key_id, '00000000-0000-0000-0000-000000000000') AS key_id,
	n.mode, n.method, n.route, n.code, n.status,
	date_trunc('minute', n.at) AS minute, sum(n.times), max(n.at),
	(array_agg(n.request_id ORDER BY n.at DESC))[1]
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[],
	$6::text[], $7::int4[], $8::text[], $9::timestamptz[], $10::int8[])
	AS n (user_id, key_id, mode, method, route, code, status, request_id,
		at, times)
JOIN accounts a ON a.id = n.user_id
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
ORDER BY 1, 8, 3, 2, 4, 5, 6, 7
ON CONFLICT (user_id, minute, mode, api_key_id, method, route, code, status)
DO UPDATE SET
	times = e.times + excluded.times,
	last_at = greatest(e.last_at, excluded.last_at),
	request_id = CASE WHEN excluded.last_at >= e.last_at
		THEN excluded.request_id ELSE e.request_id END
