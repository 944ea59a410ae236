-- work_insert: adds an item to the queue, unless there is one with its key
-- in:    kind text, user_id uuid, mode text, args jsonb, delay_us int8,
--        attempts int4, key text?
-- out:   id int8
-- shape: maybe-one
-- db:    live
--
-- The delay counts from the beginning of the transaction.
INSERT INTO io7.work
	(kind, user_id, mode, args, due_at, run_at, state, attempts_max, key)
SELECT $1, $2, $3, $4, t.run_at, t.run_at,
	CASE WHEN $5::int8 > 0 THEN 'waiting' ELSE 'ready' END, $6, $7
FROM (SELECT now() + $5::int8 * interval '1 us' AS run_at) AS t
ON CONFLICT (kind, key) WHERE key IS NOT NULL AND finished_at IS NULL DO NOTHING
RETURNING id
