-- work_sweep_dead: deletes a batch of items that failed for good, oldest first
-- in:    age_us int8, kept int8, batch_size int8
-- shape: none
-- db:    live
--
-- Those older than the age, and those beyond the number that is kept.
DELETE FROM io7.work
WHERE id = ANY (ARRAY(
	SELECT id FROM io7.work
	WHERE state = 'dead' AND finished_at <= greatest(
		now() - $1::int8 * interval '1 us', (
			SELECT finished_at FROM io7.work
			WHERE state = 'dead'
			ORDER BY finished_at DESC OFFSET $2 LIMIT 1
		))
	ORDER BY finished_at LIMIT $3
	FOR UPDATE SKIP LOCKED
))
