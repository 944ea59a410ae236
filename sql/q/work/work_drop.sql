-- work_drop: deletes an item that is not running
-- in:    id int8, user_id uuid?
-- out:   kind text
-- shape: maybe-one
-- db:    live
--
-- Of any user, or of one.
DELETE FROM io7.work
WHERE id = $1 AND ($2::uuid IS NULL OR user_id = $2) AND state <> 'running'
RETURNING kind
