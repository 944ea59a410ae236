-- key_forget: removes keys that have been over for so many days
-- in:    days int4, at_most int8
-- shape: none
-- base:  live
--
-- A user's newest key stays: who never had one is given the first two.
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
