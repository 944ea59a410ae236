-- audit_forget: removes rows of the audit log that are older than so many days
-- in:    days int4, at_most int8
-- shape: none
-- base:  live
DELETE FROM io7.audit_log
WHERE id IN (
	SELECT id FROM io7.audit_log
	WHERE at < now() - make_interval(days => $1)
	LIMIT $2
)
