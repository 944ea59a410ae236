-- answer_keep: stores the response of a claimed request; without a response,
--        records that it was not stored
-- in:    user_id uuid, mode text, key text, claim uuid, status int4?,
--        content_type text?, headers text?, body bytea?
-- shape: none
-- db:    live
UPDATE io7.idempotency_keys
SET state = CASE WHEN $5::int4 IS NULL THEN 'unkept' ELSE 'kept' END,
	status = $5, content_type = $6, headers = $7, body = $8
WHERE user_id = $1 AND mode = $2 AND key = $3 AND claim = $4
	AND state = 'running'
