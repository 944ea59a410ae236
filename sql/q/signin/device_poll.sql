-- device_poll: records a device's poll and returns the user's decision
-- in:    hash bytea
-- out:   is_expired bool, is_too_early bool, approved bool?, user_id uuid?,
--        is_active bool?
-- shape: maybe-one
-- db:    live
--
-- A poll that comes too early lengthens the interval. The row is locked, so
-- that only one of two concurrent polls gets the session.
WITH asked AS (
	SELECT hash, expires_at <= now() AS is_expired,
		coalesce(polled_at > now() - make_interval(secs => interval_s),
			false) AS is_too_early
	FROM io7.device_codes WHERE hash = $1 FOR UPDATE
)
UPDATE io7.device_codes d SET polled_at = now(),
	interval_s = least(d.interval_s + CASE WHEN a.is_too_early THEN 5 ELSE 0 END,
		600)
FROM asked a
WHERE d.hash = a.hash
RETURNING a.is_expired, a.is_too_early, d.approved, d.user_id,
	(SELECT u.status = 'active' FROM io7.users u WHERE u.id = d.user_id)
		AS is_active
