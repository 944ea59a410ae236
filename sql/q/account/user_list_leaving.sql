-- user_list_leaving: lists users that are to be deleted
-- in:    page_size int8
-- out:   user_id uuid
-- shape: many
-- db:    live
--
-- Random order: users that cannot be deleted do not block the others.
SELECT id AS user_id FROM io7.users
WHERE status = 'leaving'
ORDER BY random()
LIMIT $1
