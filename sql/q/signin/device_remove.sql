-- device_remove: a device was let in, which its code does only once
-- in:    hash bytea
-- shape: none
-- base:  live
DELETE FROM io7.device_codes WHERE hash = $1
