-- work_get: reads one item of the queue
-- in:    id int8
-- out:   kind text, user_id uuid, mode text, args jsonb, key text?, state text,
--        attempt int4, attempts_max int4, due_at timestamptz,
--        run_at timestamptz, lease_until timestamptz?, claimed_by text?,
--        error text?, created_at timestamptz, started_at timestamptz?,
--        finished_at timestamptz?
-- shape: maybe-one
-- db:    live
SELECT kind, user_id, mode, args, key, state, attempt, attempts_max, due_at, run_at,
	lease_until, claimed_by, error, created_at, started_at, finished_at
FROM io7.work
WHERE id = $1
