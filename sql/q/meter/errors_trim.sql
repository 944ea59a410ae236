-- errors_trim: keeps so many errors of each of these accounts, the newest
-- in:    users uuid[], keep int8
-- shape: none
-- base:  live
DELETE FROM io7.recent_errors e
USING (SELECT DISTINCT user_id FROM unnest($1::uuid[]) AS u (user_id)) u
	CROSS JOIN (VALUES ('live'), ('test')) AS m (mode)
	CROSS JOIN LATERAL (
		SELECT last_at, id FROM io7.recent_errors n
		WHERE n.user_id = u.user_id AND n.mode = m.mode
		ORDER BY last_at DESC, id DESC
		OFFSET $2 LIMIT 1
	) old
WHERE e.user_id = u.user_id AND e.mode = m.mode
	AND (e.last_at, e.id) <= (old.last_at, old.id)
