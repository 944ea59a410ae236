-- audit_delete_old: deletes a batch of audit rows older than a number of days
-- in:    days int4, batch_size int8
-- shape: none
-- db:    live
DELETE FROM io7.audit_log
WHERE id IN (
	SELECT id FROM io7.audit_log
	WHERE at < now() - make_interval(days => $1)
	LIMIT $2
)
