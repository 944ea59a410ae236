-- device_find: a device that waits for a person's word
-- in:    user_code text
-- out:   user_agent text, address text?, created_at timestamptz,
--        expires_at timestamptz
-- shape: maybe-one
-- base:  live
SELECT user_agent, host(address) AS address, created_at, expires_at
FROM io7.device_codes
WHERE user_code = $1 AND approved IS NULL AND expires_at > now()
