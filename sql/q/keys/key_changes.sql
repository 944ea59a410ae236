-- key_changes: counts the changes of a user's keys in the last day, up to a number,
--        and the seconds until the oldest of them is a day old
-- in:    user_id uuid, at_most int8
-- out:   changes int8, wait_s int4
-- shape: one
-- db:    live
--
-- Revocations are not counted: they must always be possible.
SELECT count(*) AS changes,
	coalesce(ceil(extract(epoch FROM min(at) + interval '1 day' - now())),
		0)::int4 AS wait_s
FROM (
	SELECT at FROM io7.audit_log
	WHERE user_id = $1 AND at > now() - interval '1 day'
		AND event IN ('key_changed', 'key_created', 'key_rotated')
		AND actor <> 'operator'
	ORDER BY at DESC LIMIT $2
) AS recent
