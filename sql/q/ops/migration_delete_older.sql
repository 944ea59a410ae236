-- migration_delete_older: deletes the records of all migrations before this one
-- in:    number int4
-- shape: none
-- db:    both
DELETE FROM io7.migrations WHERE number < $1
