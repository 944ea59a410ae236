-- migration_add: records a migration, after its SQL has run
-- in:    number int4, file text, checksum bytea
-- shape: none
-- db:    both
INSERT INTO io7.migrations (number, file, checksum) VALUES ($1, $2, $3)
