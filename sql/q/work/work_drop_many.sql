-- work_drop_many: deletes a batch of items in one state
-- in:    state text, kind text?, user_id uuid?, batch_size int8
-- shape: none
-- db:    live
DELETE FROM io7.work
WHERE state = $1 AND id = ANY (ARRAY(
	SELECT id FROM io7.work
	WHERE state = $1 AND state <> 'running' AND ($2::text IS NULL OR kind = $2)
		AND ($3::uuid IS NULL OR user_id = $3)
	ORDER BY id LIMIT $4
	FOR UPDATE SKIP LOCKED
))
