-- device_delete_old: deletes a batch of device codes an hour after they expire
-- in:    batch_size int8
-- shape: none
-- db:    live
DELETE FROM io7.device_codes WHERE hash IN (
	SELECT hash FROM io7.device_codes
	WHERE expires_at < now() - interval '1 hour'
	LIMIT $1
)
