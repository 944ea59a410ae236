-- device_decide: records whether the user approves a device
-- in:    user_code text, user_id uuid, approved bool
-- out:   user_agent text
-- shape: maybe-one
-- db:    live
UPDATE io7.device_codes SET user_id = $2, approved = $3
WHERE user_code = $1 AND approved IS NULL AND expires_at > now()
RETURNING user_agent
