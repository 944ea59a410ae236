-- migration_remove: strikes a migration off the record, before it is undone
-- in:    number int4
-- shape: none
-- base:  both
--
-- Before, since undoing the first one drops the record itself.
DELETE FROM io7.migrations WHERE number = $1
