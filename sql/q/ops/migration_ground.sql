-- migration_ground: whether there is a record of migrations yet
-- out:   is_there bool
-- shape: one
-- base:  both
SELECT to_regclass('io7.migrations') IS NOT NULL AS is_there
