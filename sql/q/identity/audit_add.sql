-- audit_add: records an event in the audit log
-- in:    user_id uuid?, event text, mode text?, actor text?, actor_id uuid?,
--        about_id uuid?, address text?, user_agent text?, details jsonb
-- shape: none
-- db:    live
INSERT INTO io7.audit_log (user_id, event, mode, actor, actor_id, about_id,
	address, user_agent, details)
VALUES ($1, $2, $3, $4, $5, $6, $7::text::inet, left($8, 200), $9)
