-- session_forget: removes some sessions that ended a day ago
-- in:    batch int8
-- shape: none
-- base:  live
DELETE FROM io7.sessions WHERE id IN (
	SELECT id FROM io7.sessions WHERE ends_at < now() - interval '1 day'
	LIMIT $1
)
