-- ledger_write: adds a batch of a journal to the ledger exactly once
-- in:    journal uuid, batch int8, users uuid[], keys uuid[], modes text[],
--        dates date[], credits int8[], ok int8[], client_error int8[],
--        server_error int8[], rate_limited int8[], quota_exceeded int8[],
--        bytes_in int8[], bytes_out int8[]
-- shape: none
-- db:    live
--
-- A batch that was written before changes nothing: the journal's row is locked
-- and holds the last batch. Users are locked in order, so that two hosts cannot
-- deadlock. Deleted users are skipped.
WITH mark AS (
	INSERT INTO io7.usage_flushes AS f (journal, batch) VALUES ($1, $2)
	ON CONFLICT (journal) DO UPDATE
		SET batch = excluded.batch, updated_at = now(), rested_at = NULL
		WHERE f.batch < excluded.batch
	RETURNING 1
), accounts AS MATERIALIZED (
	SELECT id FROM io7.users
	WHERE id = ANY ($3::uuid[]) AND EXISTS (SELECT FROM mark)
	ORDER BY id FOR NO KEY UPDATE
), used AS MATERIALIZED (
	SELECT n.user_id,
		nullif(n.key_id, '00000000-0000-0000-0000-000000000000') AS key_id,
		n.mode, n.date, sum(n.credits)::bigint AS credits,
		sum(n.ok)::bigint AS ok,
		sum(n.client_error)::bigint AS client_error,
		sum(n.server_error)::bigint AS server_error,
		sum(n.rate_limited)::bigint AS rate_limited,
		sum(n.quota_exceeded)::bigint AS quota_exceeded,
		sum(n.bytes_in)::bigint AS bytes_in,
		sum(n.bytes_out)::bigint AS bytes_out
	FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::date[],
		$7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[],
		$11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[])
		AS n (user_id, key_id, mode, date, credits, ok, client_error,
			server_error, rate_limited, quota_exceeded, bytes_in,
			bytes_out)
	JOIN accounts a ON a.id = n.user_id
	GROUP BY n.user_id, n.key_id, n.mode, n.date
), counted AS (
	UPDATE io7.users u SET
		live_request_count = u.live_request_count + s.live,
		test_request_count = u.test_request_count + s.test
	FROM (
		SELECT user_id,
			coalesce(sum(requests) FILTER (WHERE mode = 'live'), 0) AS live,
			coalesce(sum(requests) FILTER (WHERE mode = 'test'), 0) AS test
		FROM (
			SELECT user_id, mode, ok + client_error + server_error
				+ rate_limited + quota_exceeded AS requests
			FROM used
		) each
		GROUP BY user_id
	) s
	WHERE u.id = s.user_id
), touched AS (
	UPDATE io7.api_keys k SET last_used_at = now()
	FROM (SELECT DISTINCT key_id FROM used) s
	WHERE k.id = s.key_id AND (k.last_used_at IS NULL
		OR k.last_used_at < now() - interval '30 seconds')
)
INSERT INTO io7.daily_usage AS d (user_id, api_key_id, mode, date, credits, ok,
	client_error, server_error, rate_limited, quota_exceeded, bytes_in,
	bytes_out)
SELECT user_id, key_id, mode, date, credits, ok, client_error, server_error,
	rate_limited, quota_exceeded, bytes_in, bytes_out
FROM used
ON CONFLICT (user_id, api_key_id, date, mode) DO UPDATE SET
	credits = d.credits + excluded.credits,
	ok = d.ok + excluded.ok,
	client_error = d.client_error + excluded.client_error,
	server_error = d.server_error + excluded.server_error,
	rate_limited = d.rate_limited + excluded.rate_limited,
	quota_exceeded = d.quota_exceeded + excluded.quota_exceeded,
	bytes_in = d.bytes_in + excluded.bytes_in,
	bytes_out = d.bytes_out + excluded.bytes_out
