-- stamps_owe: notes credentials, 32 bytes each, that are to have new epochs
-- in:    credentials bytea
-- shape: none
-- base:  live
INSERT INTO io7.epochs_due (credential)
SELECT substr($1::bytea, 32 * i + 1, 32)
FROM generate_series(0, octet_length($1::bytea) / 32 - 1) i
