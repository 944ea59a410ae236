-- database_reseal: replaces the sealed token of a database, unless it changed
-- in:    name text, was text, token text
-- shape: none
-- db:    live
UPDATE io7.user_databases SET db_token = $3 WHERE db_name = $1 AND db_token = $2
