-- work_retry_dead: makes a batch of dead items ready at once
-- in:    kind text?, user_id uuid?, batch_size int8
-- shape: none
-- db:    live
--
-- Of those with the same key, the newest, unless the key has been queued again
-- meanwhile: two of them cannot be in the queue.
UPDATE io7.work
SET state = 'ready', run_at = now(), finished_at = NULL,
	attempts_max = attempt + 1
WHERE state = 'dead' AND id = ANY (ARRAY(
	SELECT DISTINCT ON (d.kind, d.key, CASE WHEN d.key IS NULL THEN d.id END) d.id
	FROM io7.work AS d
	WHERE d.state = 'dead' AND ($1::text IS NULL OR d.kind = $1)
		AND ($2::uuid IS NULL OR d.user_id = $2)
		AND (d.key IS NULL OR NOT EXISTS (
			SELECT FROM io7.work AS o
			WHERE o.kind = d.kind AND o.key = d.key
				AND o.key IS NOT NULL AND o.finished_at IS NULL
		))
	ORDER BY d.kind, d.key, CASE WHEN d.key IS NULL THEN d.id END, d.id DESC
	LIMIT $3
))
