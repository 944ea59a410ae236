-- errors_trim: keeps only the newest errors of each account and mode
-- in:    users uuid[], keep int8
-- shape: none
-- db:    live
DELETE FROM io7.recent_errors
WHERE id IN (
	SELECT old.id
	FROM (SELECT DISTINCT user_id FROM unnest($1::uuid[]) AS n (user_id)) u
	CROSS JOIN (VALUES ('live'), ('test')) AS m (mode)
	CROSS JOIN LATERAL (
		SELECT id FROM io7.recent_errors e
		WHERE e.user_id = u.user_id AND e.mode = m.mode
		ORDER BY e.last_at DESC, e.id DESC
		OFFSET $2
	) old
)
