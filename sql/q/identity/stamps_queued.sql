-- stamps_queued: lists queued credentials, oldest first
-- in:    batch_size int8
-- out:   id int8, credential bytea
-- shape: many
-- db:    live
SELECT id, credential FROM io7.epochs_due ORDER BY id LIMIT $1
