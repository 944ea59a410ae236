-- stamps_queue: queues credentials, 32 bytes each, for new revocation stamps
-- in:    credentials bytea
-- shape: none
-- db:    live
INSERT INTO io7.epochs_due (credential)
SELECT substr($1::bytea, 32 * i + 1, 32)
FROM generate_series(0, octet_length($1::bytea) / 32 - 1) i
