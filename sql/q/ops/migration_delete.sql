-- migration_delete: deletes the record of a migration, before it is undone
-- in:    number int4
-- shape: none
-- db:    both
--
-- Not afterwards: undoing the first migration drops the table of records.
DELETE FROM io7.migrations WHERE number = $1
