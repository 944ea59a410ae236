-- migration_add: records a migration, after its SQL
-- in:    number int4, file text, checksum bytea
-- shape: none
-- base:  both
INSERT INTO io7.migrations (number, file, checksum) VALUES ($1, $2, $3)
