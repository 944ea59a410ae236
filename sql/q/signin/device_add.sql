-- device_add: adds a device that asks to sign in
-- in:    hash bytea, user_code text, user_agent text, address text?
-- shape: none
-- db:    live
INSERT INTO io7.device_codes (hash, user_code, user_agent, address)
VALUES ($1, $2, left($3, 200), $4::text::inet)
