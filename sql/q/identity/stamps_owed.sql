-- stamps_owed: credentials that are to have new epochs, so many at most
-- in:    most int8
-- out:   id int8, credential bytea
-- shape: many
-- base:  live
SELECT id, credential FROM io7.epochs_due ORDER BY id LIMIT $1
