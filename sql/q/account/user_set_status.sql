-- user_set_status: suspends a user, or resumes one
-- in:    user_id uuid, status text
-- shape: none
-- db:    live
--
-- A user who is leaving stays so.
UPDATE io7.users SET status = $2 WHERE id = $1 AND status <> 'leaving'
