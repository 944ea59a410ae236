-- work_delete_of_user: deletes all items of a user
-- in:    user_id uuid
-- shape: none
-- db:    live
DELETE FROM io7.work
WHERE user_id = $1 AND user_id <> '00000000-0000-0000-0000-000000000000'
