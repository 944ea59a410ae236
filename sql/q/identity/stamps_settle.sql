-- stamps_settle: forgets what Redis has now
-- in:    ids int8[]
-- shape: none
-- base:  live
DELETE FROM io7.epochs_due WHERE id = ANY ($1)
