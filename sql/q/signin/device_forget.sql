-- device_forget: removes some codes of devices that were over an hour ago
-- in:    batch int8
-- shape: none
-- base:  live
DELETE FROM io7.device_codes WHERE hash IN (
	SELECT hash FROM io7.device_codes
	WHERE expires_at < now() - interval '1 hour'
	LIMIT $1
)
