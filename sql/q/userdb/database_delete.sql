-- database_delete: deletes the row of a database that the provider has dropped
-- in:    user_id uuid, mode text
-- shape: none
-- db:    live
DELETE FROM io7.user_databases WHERE user_id = $1 AND mode = $2
