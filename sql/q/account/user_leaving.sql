-- user_leaving: users who are to be removed
-- in:    page_size int8
-- out:   user_id uuid
-- shape: many
-- base:  live
--
-- In no order: those that cannot be removed do not keep others waiting.
SELECT id AS user_id FROM io7.users
WHERE status = 'leaving'
ORDER BY random()
LIMIT $1
