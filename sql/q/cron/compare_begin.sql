-- compare_begin: returns the time at which a comparison of a database begins
-- in:    user_id uuid, mode text
-- out:   now timestamptz
-- shape: maybe-one
-- db:    live
--
-- No row if the database or its user has left meanwhile.
SELECT now() AS now
FROM io7.user_databases AS d
JOIN io7.users AS u ON u.id = d.user_id
WHERE d.user_id = $1 AND d.mode = $2 AND d.state = 'ready' AND u.status <> 'leaving'
