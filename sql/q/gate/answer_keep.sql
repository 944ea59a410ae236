-- answer_keep: stores the response of a claimed request; without a response, or if
--        the account has no bytes left today, records that it was not stored
-- in:    user_id uuid, mode text, key text, claim uuid, status int4?,
--        content_type text?, headers text?, body bytea?, bytes_max int8
-- shape: none
-- db:    live
WITH counted AS (
	INSERT INTO io7.kept_answers AS k (user_id, day, bytes)
	SELECT $1, current_date, octet_length($7::text) + octet_length($8::bytea)
	WHERE $5::int4 IS NOT NULL
	ON CONFLICT (user_id) DO UPDATE SET
		day = excluded.day,
		bytes = excluded.bytes
			+ CASE WHEN k.day = excluded.day THEN k.bytes ELSE 0 END
	WHERE k.day <> excluded.day OR k.bytes + excluded.bytes <= $9::int8
	RETURNING bytes
)
UPDATE io7.idempotency_keys
SET (state, status, content_type, headers, body) = (
	SELECT CASE WHEN fits THEN 'kept' ELSE 'unkept' END,
		CASE WHEN fits THEN $5::int4 END, CASE WHEN fits THEN $6::text END,
		CASE WHEN fits THEN $7::text END, CASE WHEN fits THEN $8::bytea END
	FROM (SELECT EXISTS (SELECT FROM counted) AS fits) AS c
)
WHERE user_id = $1 AND mode = $2 AND key = $3 AND claim = $4
	AND state = 'running'
