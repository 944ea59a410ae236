-- answer_release: releases a claim, so that the request can be repeated
-- in:    user_id uuid, mode text, key text, claim uuid
-- shape: none
-- db:    live
DELETE FROM io7.idempotency_keys
WHERE user_id = $1 AND mode = $2 AND key = $3 AND claim = $4
	AND state = 'running'
