-- errors_expire_old: forgets errors of long ago, so many at most
-- in:    days int4, most int8
-- shape: none
-- base:  live
DELETE FROM io7.recent_errors
WHERE id IN (
	SELECT id FROM io7.recent_errors
	WHERE last_at < now() - make_interval(days => $1)
	ORDER BY last_at LIMIT $2
)
