-- answer_release: gives up a claim, so that the same may be asked again
-- in:    user_id uuid, mode text, key text, claim uuid
-- shape: none
-- base:  live
DELETE FROM io7.idempotency_keys
WHERE user_id = $1 AND mode = $2 AND key = $3 AND claim = $4
	AND state = 'running'
