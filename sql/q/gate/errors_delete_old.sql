-- errors_delete_old: deletes a batch of errors older than a number of days
-- in:    days int4, batch_size int8
-- shape: none
-- db:    live
DELETE FROM io7.recent_errors
WHERE id IN (
	SELECT id FROM io7.recent_errors
	WHERE last_at < now() - make_interval(days => $1)
	ORDER BY last_at LIMIT $2
)
