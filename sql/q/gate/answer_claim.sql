-- answer_claim: claims an idempotency key, or finds its owner's state and the
--        stored response
-- in:    user_id uuid, mode text, key text, fingerprint bytea, claim uuid,
--        lost_s int8, kept_s int8
-- out:   is_ours bool, is_same bool, state text, status int4?,
--        content_type text?, headers text?, body bytea?
-- shape: maybe-one
-- db:    live
--
-- No row: another request claimed the key at the same moment. A claim whose
-- worker died is taken over after lost_s seconds.
WITH claimed AS (
	INSERT INTO io7.idempotency_keys AS i
		(user_id, mode, key, fingerprint, claim, lost_at, expires_at)
	VALUES ($1, $2, $3, $4, $5, now() + $6::int8 * interval '1 second',
		now() + $7::int8 * interval '1 second')
	ON CONFLICT (user_id, mode, key) DO UPDATE SET
		fingerprint = excluded.fingerprint,
		claim = excluded.claim,
		lost_at = excluded.lost_at,
		state = 'running',
		status = NULL,
		content_type = NULL,
		headers = NULL,
		body = NULL,
		created_at = now(),
		expires_at = excluded.expires_at
	WHERE i.expires_at <= now() OR i.state = 'running'
		AND i.lost_at <= now() AND i.fingerprint = excluded.fingerprint
	RETURNING state
)
SELECT true AS is_ours, true AS is_same, state, NULL::int4 AS status,
	NULL::text AS content_type, NULL::text AS headers, NULL::bytea AS body
FROM claimed
UNION ALL
SELECT false, fingerprint = $4, state, status, content_type, headers, body
FROM io7.idempotency_keys
WHERE user_id = $1 AND mode = $2 AND key = $3
	AND NOT EXISTS (SELECT FROM claimed)
