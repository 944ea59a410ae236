-- database_token: records a new token of a database, encrypted
-- in:    user_id uuid, mode text, token text
-- shape: none
-- db:    live
UPDATE io7.user_databases SET db_token = $3 WHERE user_id = $1 AND mode = $2
