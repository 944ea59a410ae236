-- session_delete_old: deletes a batch of sessions a day after they end
-- in:    batch_size int8
-- shape: none
-- db:    live
DELETE FROM io7.sessions WHERE id IN (
	SELECT id FROM io7.sessions WHERE ends_at < now() - interval '1 day'
	LIMIT $1
)
