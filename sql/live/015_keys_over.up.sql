-- Finds keys that were over long ago, for the janitor to remove.

CREATE INDEX api_keys_over ON io7.api_keys (least(revoked_at, expires_at))
	WHERE least(revoked_at, expires_at) IS NOT NULL;
