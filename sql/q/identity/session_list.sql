-- session_list: lists a user's active sessions, newest first, page by page
-- in:    user_id uuid, at timestamptz?, session_id uuid?, page_size int8
-- out:   session_id uuid, kind text, user_agent text, address text?,
--        created_at timestamptz, seen_at timestamptz, expires_at timestamptz,
--        ends_at timestamptz
-- shape: many
-- db:    live
SELECT id AS session_id, kind, user_agent, host(address) AS address,
	created_at, seen_at, expires_at, ends_at
FROM io7.sessions
WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now()
	AND (created_at, id) < (coalesce($2::timestamptz, 'infinity'), $3)
ORDER BY created_at DESC, id DESC
LIMIT $4
