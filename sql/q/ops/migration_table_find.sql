-- migration_table_find: returns whether io7.migrations exists
-- out:   is_there bool
-- shape: one
-- db:    both
SELECT to_regclass('io7.migrations') IS NOT NULL AS is_there
