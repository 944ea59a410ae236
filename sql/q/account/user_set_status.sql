-- user_set_status: suspends a user, resumes one, or marks one as leaving
-- in:    user_id uuid, status text
-- shape: none
-- db:    live
--
-- The status leaving is final.
UPDATE io7.users SET status = $2 WHERE id = $1 AND status <> 'leaving'
