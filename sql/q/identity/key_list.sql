-- key_list: lists a user's keys, newest first, page by page
-- in:    user_id uuid, key_id uuid?, mode text?, ended bool?,
--        before timestamptz?, before_id uuid?, page_size int8
-- out:   key_id uuid, hash bytea, prefix text, last4 text, label text,
--        mode text, scopes text, enabled bool, expires_at timestamptz?,
--        revoked_at timestamptz?, last_used_at timestamptz?,
--        rotated_from uuid?, rotated_to uuid?, created_at timestamptz
-- shape: many
-- db:    live
--
-- NULL for key_id, mode or ended means any. A key has ended when it is revoked
-- or expired. rotated_to is the newest of a key's successors: during its grace
-- period a key can be rotated more than once.
SELECT id AS key_id, hash, prefix, last4, label, mode,
	array_to_string(scopes, ' ') AS scopes, enabled, expires_at, revoked_at,
	last_used_at, rotated_from,
	(SELECT successor.id FROM io7.api_keys successor WHERE successor.rotated_from = k.id
		ORDER BY successor.created_at DESC, successor.id DESC LIMIT 1) AS rotated_to,
	created_at
FROM io7.api_keys k
WHERE user_id = $1
	AND ($2::uuid IS NULL OR id = $2)
	AND ($3::text IS NULL OR mode = $3)
	AND ($4::boolean IS NULL OR $4 = (revoked_at IS NOT NULL
		OR coalesce(expires_at <= now(), false)))
	AND (created_at, id) < (coalesce($5::timestamptz, 'infinity'), $6)
ORDER BY created_at DESC, id DESC
LIMIT $7
