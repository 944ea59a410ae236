-- user_set_status: suspends a user, resumes one, or begins to remove one
-- in:    user_id uuid, status text
-- shape: none
-- base:  live
--
-- Who is leaving does not come back.
UPDATE io7.users SET status = $2 WHERE id = $1 AND status <> 'leaving'
