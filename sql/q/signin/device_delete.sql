-- device_delete: deletes a device code, which is good for one session
-- in:    hash bytea
-- shape: none
-- db:    live
DELETE FROM io7.device_codes WHERE hash = $1
