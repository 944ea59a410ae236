-- user_delete_leaving: deletes a leaving user and all rows that refer to the
--        user
-- in:    user_id uuid
-- shape: none
-- db:    live
DELETE FROM io7.users WHERE id = $1 AND status = 'leaving'
