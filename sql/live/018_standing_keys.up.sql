-- Finds an account's keys that are not revoked, however many are.

CREATE INDEX api_keys_standing ON io7.api_keys (user_id)
	WHERE revoked_at IS NULL;
