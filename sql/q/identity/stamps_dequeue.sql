-- stamps_dequeue: removes credentials whose stamps are in Redis from the queue
-- in:    ids int8[]
-- shape: none
-- db:    live
DELETE FROM io7.epochs_due WHERE id = ANY ($1)
