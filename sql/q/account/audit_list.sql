-- audit_list: lists the events of an account, newest first, page by page
-- in:    user_id uuid, before timestamptz?, before_id uuid?, page_size int8
-- out:   audit_id uuid, at timestamptz, event text, mode text?, actor text?,
--        actor_id uuid?, about_id uuid?, address text?, user_agent text?,
--        details jsonb
-- shape: many
-- db:    live
SELECT id AS audit_id, at, event, mode, actor, actor_id, about_id,
	host(address) AS address, user_agent, details
FROM io7.audit_log
WHERE user_id = $1 AND (at, id) < (coalesce($2::timestamptz, 'infinity'), $3)
ORDER BY at DESC, id DESC
LIMIT $4
