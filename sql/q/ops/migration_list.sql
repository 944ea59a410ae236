-- migration_list: the migrations that this database has seen
-- out:   number int4, file text, checksum bytea, applied_at timestamptz
-- shape: many
-- base:  both
SELECT number, file, checksum, applied_at FROM io7.migrations ORDER BY number
