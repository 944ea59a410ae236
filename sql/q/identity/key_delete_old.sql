-- key_delete_old: deletes a batch of keys that ended a number of days ago
-- in:    days int4, batch_size int8
-- shape: none
-- db:    live
--
-- A user's newest key stays. A user without any key counts as new, and would
-- get the first two keys again.
DELETE FROM io7.api_keys
WHERE id IN (
	SELECT k.id FROM io7.api_keys k
	WHERE least(k.revoked_at, k.expires_at) < now() - make_interval(days => $1)
		AND EXISTS (
			SELECT FROM io7.api_keys n WHERE n.user_id = k.user_id
				AND (n.created_at, n.id) > (k.created_at, k.id)
		)
	LIMIT $2
) AND least(revoked_at, expires_at) < now() - make_interval(days => $1)
