-- database_pending: lists databases that are not created yet
-- in:    host text, services bool, page_size int8
-- out:   user_id uuid, mode text, provider text, host text
-- shape: many
-- db:    live
--
-- Those of this host, and perhaps of services. In random order, so that some that fail
-- cannot block the rest.
SELECT user_id, mode, provider, host
FROM io7.user_databases
WHERE state = 'pending' AND (host = $1 OR ($2 AND host = ''))
ORDER BY random()
LIMIT $3
