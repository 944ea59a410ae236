-- device_find: finds a device that waits for approval
-- in:    user_code text
-- out:   user_agent text, address text?, created_at timestamptz,
--        expires_at timestamptz
-- shape: maybe-one
-- db:    live
SELECT user_agent, host(address) AS address, created_at, expires_at
FROM io7.device_codes
WHERE user_code = $1 AND approved IS NULL AND expires_at > now()
