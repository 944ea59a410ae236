-- database_pending: lists databases that are not created yet
-- in:    host text, page_size int8
-- out:   user_id uuid, mode text, provider text, host text
-- shape: many
-- db:    live
--
-- Those of a host; of services, whose host is empty. In random order, so that some that
-- fail cannot block the rest.
SELECT user_id, mode, provider, host
FROM io7.user_databases
WHERE state = 'pending' AND host = $1
ORDER BY random()
LIMIT $2
