-- work_retry: makes a dead or waiting item ready at once
-- in:    id int8, user_id uuid?
-- out:   kind text
-- shape: maybe-one
-- db:    live
--
-- Of any user, or of one. A dead item gets one more attempt.
UPDATE io7.work
SET state = 'ready', run_at = now(), finished_at = NULL,
	attempts_max = CASE WHEN state = 'dead' THEN attempt + 1
		ELSE attempts_max END
WHERE id = $1 AND ($2::uuid IS NULL OR user_id = $2)
	AND state IN ('dead', 'waiting')
RETURNING kind
