-- migration_list: lists the migrations that were applied to this database
-- out:   number int4, file text, checksum bytea, applied_at timestamptz
-- shape: many
-- db:    both
SELECT number, file, checksum, applied_at FROM io7.migrations ORDER BY number
