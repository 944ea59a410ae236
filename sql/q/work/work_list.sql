-- work_list: lists items of the queue, newest first, page by page
-- in:    before int8, kind text?, user_id uuid?, state text?, page_size int8
-- out:   id int8, kind text, user_id uuid, mode text, state text, attempt int4,
--        attempts_max int4, due_at timestamptz, run_at timestamptz,
--        started_at timestamptz?, finished_at timestamptz?, error text?
-- shape: many
-- db:    live
--
-- Before an id.
SELECT id, kind, user_id, mode, state, attempt, attempts_max, due_at, run_at,
	started_at, finished_at, error
FROM io7.work
WHERE id < $1 AND ($2::text IS NULL OR kind = $2)
	AND ($3::uuid IS NULL OR user_id = $3) AND ($4::text IS NULL OR state = $4)
ORDER BY id DESC
LIMIT $5
