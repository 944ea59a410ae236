-- device_poll: a device asks whether it was let in
-- in:    hash bytea
-- out:   is_over bool, is_hasty bool, approved bool?, user_id uuid?,
--        is_active bool?
-- shape: maybe-one
-- base:  live
--
-- One that asks again too soon has to wait longer from then on. The row is
-- held, so that of two questions at once one gets the session.
WITH asked AS (
	SELECT hash, expires_at <= now() AS is_over,
		coalesce(polled_at > now() - make_interval(secs => interval_s),
			false) AS is_hasty
	FROM io7.device_codes WHERE hash = $1 FOR UPDATE
)
UPDATE io7.device_codes d SET polled_at = now(),
	interval_s = least(d.interval_s + CASE WHEN a.is_hasty THEN 5 ELSE 0 END,
		600)
FROM asked a
WHERE d.hash = a.hash
RETURNING a.is_over, a.is_hasty, d.approved, d.user_id,
	(SELECT u.status = 'active' FROM io7.users u WHERE u.id = d.user_id)
		AS is_active
