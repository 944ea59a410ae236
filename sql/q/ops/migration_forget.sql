-- migration_forget: leaves the newest migration alone on the record
-- in:    number int4
-- shape: none
-- base:  both
DELETE FROM io7.migrations WHERE number < $1
